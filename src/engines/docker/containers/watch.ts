import { setTimeout as sleep } from 'node:timers/promises';
import type { StateChange } from '../../../model/engine.js';
import { jsonLines } from '../api/line-splitter.js';
import type { DockerClient } from '../client.js';
import { instanceFilters, label } from './labels.js';

const reconnectDelayMs = 500;

/**
 * Actions that may change a replica's state. Not `exec_*`, because our own probes would cause events for ever, and not
 * `create`, because nothing waits for it.
 */
const actions = ['start', 'restart', 'die', 'stop', 'kill', 'oom', 'pause', 'unpause', 'destroy', 'health_status'];

/**
 * Changes of the instance's containers until the signal aborts. After a lost stream one for all services, because
 * events may have been missed.
 */
export async function* watchEvents(
  client: DockerClient,
  instance: string,
  signal: AbortSignal,
): AsyncGenerator<StateChange> {
  const filters = { ...instanceFilters(instance), type: ['container'], event: actions };
  while (!signal.aborted) {
    try {
      const stream = await client.api.readEvents(filters, signal);
      if (stream !== null) for await (const event of jsonLines(stream)) yield stateChange(event);
    } catch {
      // Refused, disconnected or aborted: callers refresh by themselves in the meantime.
    }
    if (await abortsWithin(reconnectDelayMs, signal)) return;
    yield { service: null };
  }
}

function stateChange(event: Record<string, unknown>): StateChange {
  const actor = event.Actor as { readonly Attributes?: Readonly<Record<string, string>> } | undefined;
  const service = actor?.Attributes?.[label.service] ?? null;
  return event.Action === 'start' ? { service, began: Number(event.timeNano) / 1e6 } : { service };
}

async function abortsWithin(ms: number, signal: AbortSignal): Promise<boolean> {
  return sleep(ms, false, { signal }).catch(() => true);
}
