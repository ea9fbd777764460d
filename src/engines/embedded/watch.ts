import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StateChange } from '../../model/engine.js';
import { type EmbeddedContext, replicaFolder } from './context.js';
import { replicasOf, runStatusOf } from './records.js';

/** Processes that another call started send no event: they are looked at this often. */
const pollMs = 100;

/** Names a service as soon as it began, ended or went. Ends with the signal. */
export async function* watch(
  world: EmbeddedContext,
  instance: string,
  signal: AbortSignal,
): AsyncGenerator<StateChange> {
  for (let before = states(world, instance); !signal.aborted; ) {
    await change(world, signal);
    const now = states(world, instance);
    const services = new Set(
      [...before, ...now]
        .filter(([key, state]) => before.get(key) !== state || now.get(key) !== state)
        .map(([key]) => key.slice(0, key.indexOf('/'))),
    );
    for (const service of services) yield { service };
    before = now;
  }
}

function states(world: EmbeddedContext, instance: string): ReadonlyMap<string, string> {
  return new Map(
    replicasOf(world, instance).map((replica) => [
      `${replica.service}/${replica.replica}`,
      JSON.stringify(runStatusOf(replicaFolder(world, replica))),
    ]),
  );
}

async function change(world: EmbeddedContext, signal: AbortSignal): Promise<void> {
  const enough = new AbortController();
  const options = { signal: AbortSignal.any([signal, enough.signal]) };
  await Promise.race([once(world.exits, 'exit', options), sleep(pollMs, undefined, options)]).catch(() => undefined);
  enough.abort();
}
