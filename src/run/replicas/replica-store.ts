/** The latest known replicas of an instance, by service. */
import type { Observed } from '../../model/observed.js';

export interface ReplicaStore {
  /** Lowest number first. */
  of(service: string): readonly Observed[];
  all(): readonly Observed[];
  /** Records replicas of some services. */
  note(observed: readonly Observed[]): void;
  /** Records an observation of the whole instance that began at `began`; what was noted since is newer and stays. */
  replaceAll(observed: readonly Observed[], began: number): void;
  /** Resolves when the service's replicas change, or after `ms`. */
  changed(service: string, ms: number): Promise<void>;
}

export function replicaStore(): ReplicaStore {
  const replicas = new Map<string, readonly Observed[]>();
  const notedAt = new Map<string, number>();
  const waiters = new Map<string, Set<() => void>>();

  const set = (service: string, next: readonly Observed[]): void => {
    const changed = signature(next) !== signature(replicas.get(service) ?? []);
    if (next.length > 0) replicas.set(service, next);
    else replicas.delete(service);
    if (changed) for (const wake of waiters.get(service) ?? []) wake();
  };

  return {
    of: (service) => replicas.get(service) ?? [],
    all: () => [...replicas.values()].flat(),
    note: (observed) => {
      for (const [service, next] of byService(observed)) {
        notedAt.set(service, performance.now());
        set(service, next);
      }
    },
    replaceAll: (observed, began) => {
      const found = byService(observed);
      for (const service of new Set([...replicas.keys(), ...found.keys()]))
        if ((notedAt.get(service) ?? 0) < began) set(service, found.get(service) ?? []);
    },
    changed: (service, ms) => waitFor(waiters, service, ms),
  };
}

function waitFor(waiters: Map<string, Set<() => void>>, service: string, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const ofService = waiters.get(service) ?? new Set();
    waiters.set(service, ofService);
    const done = (): void => {
      clearTimeout(timer);
      ofService.delete(done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    ofService.add(done);
  });
}

function byService(observed: readonly Observed[]): ReadonlyMap<string, readonly Observed[]> {
  const groups = new Map<string, Observed[]>();
  for (const replica of observed) groups.set(replica.service, [...(groups.get(replica.service) ?? []), replica]);
  for (const group of groups.values()) group.sort((a, b) => a.replica - b.replica);
  return groups;
}

const signature = (replicas: readonly Observed[]): string =>
  replicas
    .map(({ id, state, startedAt, restarts, health }) => [id, state, startedAt, restarts, health].join(' '))
    .join('|');
