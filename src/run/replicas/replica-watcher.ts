/** Follows an instance's replicas while `up` works on it: through starts, events and polling. */
import type { Engine, StateChange } from '../../model/engine.js';
import type { Observed } from '../../model/observed.js';
import { type ReplicaStore, replicaStore } from './replica-store.js';
import { sharedRefresh } from './shared-refresh.js';

export interface ReplicaWatcher extends Pick<ReplicaStore, 'of' | 'all' | 'note'> {
  /** Runs `start` and records its result; start events for this service are ignored meanwhile. */
  starting(service: string, start: () => Promise<readonly Observed[]>): Promise<void>;
  /** Observes the instance; the observation begins after the call. */
  refresh(): Promise<void>;
  /** Resolves when the service's replicas change, or after `ms`. */
  changed(service: string, ms: number): Promise<void>;
}

/** Events can be lost (a slow reader, a reconnect), so the instance is also polled while a step waits. */
const pollIntervalMs = 1000;

export function watchReplicas(engine: Engine, instance: string, signal: AbortSignal): ReplicaWatcher {
  const store = replicaStore();
  let observedAt = performance.now();
  const refresh = sharedRefresh(async () => {
    const began = performance.now();
    store.replaceAll(await engine.observe(instance, signal), began);
    observedAt = performance.now();
  });
  const startingServices = new Set<string>();
  const isExpected = ({ service, began }: StateChange): boolean =>
    began !== undefined &&
    service !== null &&
    (startingServices.has(service) || store.of(service).some((replica) => isSameStart(replica, began)));
  void follow(engine.watch(instance, signal), async (change) => {
    if (!isExpected(change)) await refresh.fresh();
  });

  return {
    of: store.of,
    all: store.all,
    note: store.note,
    starting: async (service, start) => {
      startingServices.add(service);
      try {
        store.note(await start());
      } finally {
        startingServices.delete(service);
      }
    },
    refresh: refresh.fresh,
    changed: async (service, ms) => {
      if (performance.now() - observedAt > pollIntervalMs) await refresh.join();
      await store.changed(service, ms);
    },
  };
}

async function follow(
  changes: AsyncIterable<StateChange>,
  onChange: (change: StateChange) => Promise<void>,
): Promise<void> {
  try {
    for await (const change of changes) await onChange(change);
  } catch {
    // Polling continues without events.
  }
}

/** An engine reports a start a moment after it, often after the replica has been observed running. */
const startEventDelayMs = 500;

const isSameStart = ({ state, startedAt }: Observed, began: number): boolean =>
  state === 'running' && startedAt !== null && Math.abs(began - startedAt) < startEventDelayMs;
