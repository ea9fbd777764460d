/** What is known of an instance's replicas while it is being worked on: fed by starts, wakes and a slow look. */
import type { Engine, StateChange } from '../model/engine.js';
import type { Observed } from '../model/observed.js';

export interface ReplicaWatcher {
  /** Latest known replicas of a service, lowest number first. */
  of(service: string): readonly Observed[];
  all(): readonly Observed[];
  /** Takes over what was seen elsewhere. */
  note(observed: readonly Observed[]): void;
  /** Carries out a start and takes over what it returned; that the service begins is then nothing to look for. */
  starting(service: string, start: () => Promise<readonly Observed[]>): Promise<void>;
  /** Looks again: a look that begins after the call, shared by those who wait for the same one. */
  refresh(): Promise<void>;
  /** Resolves when the service's replicas changed, or after `ms`. */
  changed(service: string, ms: number): Promise<void>;
}

/** Events are lost now and then (a slow reader, a reconnect), so the truth is a look, once a second while somebody waits. */
const lookEveryMs = 1000;

export function watchReplicas(engine: Engine, instance: string, signal: AbortSignal): ReplicaWatcher {
  const replicas = new Map<string, readonly Observed[]>();
  const waiters = new Map<string, Set<() => void>>();
  let looking: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  let lookedAt = performance.now();
  const notedAt = new Map<string, number>();

  const put = (observed: readonly Observed[]): void => {
    for (const [service, seen] of group(observed)) {
      const changed = signature(seen) !== signature(replicas.get(service) ?? []);
      replicas.set(service, seen);
      if (changed) for (const wake of waiters.get(service) ?? []) wake();
    }
  };
  const look = async (): Promise<void> => {
    const began = performance.now();
    const observed = await engine.observe(instance, signal);
    // What was noted meanwhile is newer than this look, which may have seen it before its start.
    const older = (service: string): boolean => (notedAt.get(service) ?? 0) < began;
    const gone = [...replicas.keys()].filter(
      (service) => older(service) && !observed.some((seen) => seen.service === service),
    );
    put(observed.filter((seen) => older(seen.service)));
    for (const service of gone) {
      replicas.delete(service);
      for (const wake of waiters.get(service) ?? []) wake();
    }
    lookedAt = performance.now();
  };
  const begin = (): Promise<void> => {
    next = null;
    looking = look().finally(() => {
      looking = null;
    });
    return looking;
  };
  // A look under way may have passed the service before it changed.
  const refresh = (): Promise<void> => {
    if (next !== null) return next;
    if (looking === null) return begin();
    next = looking.catch(() => undefined).then(begin);
    return next;
  };
  const note = (observed: readonly Observed[]): void => {
    for (const { service } of observed) notedAt.set(service, performance.now());
    put(observed);
  };
  const underStart = new Set<string>();
  const isKnown = ({ service, began }: StateChange): boolean =>
    began !== undefined &&
    service !== null &&
    (underStart.has(service) || (replicas.get(service) ?? []).some((seen) => isThatStart(seen, began)));
  void follow(engine, instance, { signal, refresh, isKnown });

  return {
    of: (service) => replicas.get(service) ?? [],
    all: () => [...replicas.values()].flat(),
    note,
    starting: async (service, start) => {
      underStart.add(service);
      try {
        note(await start());
      } finally {
        underStart.delete(service);
      }
    },
    refresh,
    changed: async (service, ms) => {
      if (performance.now() - lookedAt > lookEveryMs) await (looking ?? begin());
      await waitFor(waiters, service, ms);
    },
  };
}

async function follow(
  engine: Engine,
  instance: string,
  {
    signal,
    refresh,
    isKnown,
  }: { signal: AbortSignal; refresh: () => Promise<void>; isKnown: (wake: StateChange) => boolean },
): Promise<void> {
  try {
    for await (const wake of engine.watch(instance, signal)) if (!isKnown(wake)) await refresh();
  } catch {
    // The slow look goes on without events.
  }
}

/** An engine tells of a start a moment after it; what was started is often looked at before the word of it arrives. */
const startTellsMs = 500;

const isThatStart = ({ state, startedAt }: Observed, began: number): boolean =>
  state === 'running' && startedAt !== null && Math.abs(began - startedAt) < startTellsMs;

function waitFor(waiters: Map<string, Set<() => void>>, service: string, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const mine = waiters.get(service) ?? new Set();
    waiters.set(service, mine);
    const done = (): void => {
      clearTimeout(timer);
      mine.delete(done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    mine.add(done);
  });
}

function group(observed: readonly Observed[]): ReadonlyMap<string, readonly Observed[]> {
  const grouped = new Map<string, Observed[]>();
  for (const seen of observed) grouped.set(seen.service, [...(grouped.get(seen.service) ?? []), seen]);
  for (const seen of grouped.values()) seen.sort((a, b) => a.replica - b.replica);
  return grouped;
}

const signature = (seen: readonly Observed[]): string =>
  seen.map((one) => [one.id, one.state, one.startedAt, one.restarts, one.health].join(' ')).join('|');
