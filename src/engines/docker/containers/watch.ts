import type { StateChange } from '../../../model/engine.js';
import type { Client } from '../api/client.js';
import { jsonLines } from '../api/line-splitter.js';
import { label } from './labels.js';

const pauseMs = 500;

/** What may change a replica's state. `exec_*` is left out: our own probes would wake us for ever. So is `create`: nothing waits for it. */
const events = ['start', 'restart', 'die', 'stop', 'kill', 'oom', 'pause', 'unpause', 'destroy', 'health_status'];

/** A wake for every change of the instance's containers, until the signal; after a lost stream one for all, since events may have been missed. */
export async function* watchEvents(client: Client, instance: string, signal: AbortSignal): AsyncGenerator<StateChange> {
  const filters = JSON.stringify({ type: ['container'], label: [`${label.instance}=${instance}`], event: events });
  while (!signal.aborted) {
    try {
      const stream = await client.stream(`/events?filters=${encodeURIComponent(filters)}`, signal);
      if (stream !== null) for await (const event of jsonLines(stream)) yield wakeOf(event);
    } catch {
      // Refused, cut off or aborted: callers look again by themselves meanwhile.
    }
    if (await aborted(signal, pauseMs)) return;
    yield { service: null };
  }
}

function wakeOf(event: Record<string, unknown>): StateChange {
  const actor = event.Actor as { readonly Attributes?: Readonly<Record<string, string>> } | undefined;
  const service = actor?.Attributes?.[label.service] ?? null;
  return event.Action === 'start' ? { service, began: Number(event.timeNano) / 1e6 } : { service };
}

function aborted(signal: AbortSignal, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(true);
    const timer = setTimeout(() => end(false), ms);
    const stop = (): void => end(true);
    const end = (value: boolean): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      resolve(value);
    };
    signal.addEventListener('abort', stop, { once: true });
  });
}
