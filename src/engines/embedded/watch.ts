import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StateChange } from '../../model/engine.js';
import type { EmbeddedContext } from './context.js';
import { replicaFolder } from './state/paths.js';
import { replicasOf, runStatusOf } from './state/records.js';

/** Processes that another call started send no event, so they are polled. */
const pollMs = 100;

/** Yields a service as soon as one of its replicas starts, ends or is removed. Ends with the signal. */
export async function* watch(
  context: EmbeddedContext,
  instance: string,
  signal: AbortSignal,
): AsyncGenerator<StateChange> {
  for (let before = states(context, instance); !signal.aborted; ) {
    await exitOrPoll(context, signal);
    const now = states(context, instance);
    const services = new Set(
      [...before, ...now]
        .filter(([key]) => before.get(key) !== now.get(key))
        .map(([key]) => key.slice(0, key.indexOf('/'))),
    );
    for (const service of services) yield { service };
    before = now;
  }
}

function states(context: EmbeddedContext, instance: string): ReadonlyMap<string, string> {
  return new Map(
    replicasOf(context, instance).map((replica) => [
      `${replica.service}/${replica.replica}`,
      JSON.stringify(runStatusOf(replicaFolder(context, replica))),
    ]),
  );
}

async function exitOrPoll(context: EmbeddedContext, signal: AbortSignal): Promise<void> {
  const done = new AbortController();
  const options = { signal: AbortSignal.any([signal, done.signal]) };
  await Promise.race([once(context.exits, 'exit', options), sleep(pollMs, undefined, options)]).catch(() => undefined);
  done.abort();
}
