import { EventEmitter, on } from 'node:events';
import type { Engine, KeptStore, LogLine, StateChange, Target } from '../../src/model/engine.js';
import { EnvctlError } from '../../src/model/errors.js';
import type { ExecResult } from '../../src/model/host.js';
import type { Observed } from '../../src/model/observed.js';
import type { ImageMetadata, Prepared, Workload } from '../../src/model/workload.js';
import { addresses, madeUp } from './memory-images.js';

/** The behavior of a service. By default it starts immediately and runs until stopped. */
export interface Script {
  /** How long its start takes. */
  readonly startMs?: number;
  /** It ends by itself that long after its start. */
  readonly exit?: { readonly afterMs: number; readonly code: number };
  /** Lines of every run, there from its start. */
  readonly logs?: readonly string[];
  readonly health?: Observed['health'];
  /** Answers of commands run in it; otherwise exit code 0. */
  readonly exec?: (argv: readonly string[], target: Target) => Partial<ExecResult> | Promise<Partial<ExecResult>>;
  readonly image?: Partial<ImageMetadata>;
}

export interface MemoryOptions {
  readonly services?: Readonly<Record<string, Script>>;
  /**
   * Called before each call with its line in `calls` (`start db`). The call throws its error, and hangs while it waits
   * (until its signal aborts).
   */
  readonly before?: (call: string) => void | Promise<void>;
}

export interface MemoryEngine extends Engine {
  /** Every call in order: `prepare`, `create app db`, `start db`, `exec db psql …`, `stop db`, `remove`. */
  readonly calls: readonly string[];
  /** Ends a replica as a crash would, or makes it report another state. */
  change(target: Target, change: Partial<Observed>): void;
}

interface Replica {
  seen: Observed;
  timer?: NodeJS.Timeout;
}

interface World {
  readonly options: MemoryOptions;
  readonly calls: string[];
  readonly replicas: Map<string, Replica>;
  /** Names of stores by instance. */
  readonly stores: Map<string, Set<string>>;
  readonly wakes: EventEmitter;
  count: number;
}

/** An engine in memory, for tests of the code above engines. Times are real, ports are invented. */
export function memoryEngine(options: MemoryOptions = {}): MemoryEngine {
  const world: World = {
    options,
    calls: [],
    replicas: new Map(),
    stores: new Map(),
    wakes: new EventEmitter(),
    count: 0,
  };
  return {
    name: 'memory',
    runs: ['container', 'process'],
    calls: world.calls,
    change: (target, change) => alter(world, target, change),
    ...asking(world),
    ...making(world),
    ...ending(world),
  };
}

async function enter(world: World, call: string, signal: AbortSignal): Promise<void> {
  world.calls.push(call);
  await until(signal, Promise.resolve(world.options.before?.(call)));
}

function asking(world: World): Pick<Engine, 'ping' | 'check' | 'observe' | 'kept' | 'exec' | 'logs' | 'watch'> {
  return {
    ping: async (signal) => enter(world, 'ping', signal).then(() => ({ version: '1', endpoint: 'memory' })),
    check: (_, signal) => enter(world, 'check', signal),
    observe: async (instance, signal) =>
      enter(world, 'observe', signal).then(() => ofInstance(world, instance).map(({ seen }) => seen)),
    kept: async (instance, signal) => enter(world, 'kept', signal).then(() => keptStores(world, instance)),
    exec: async (target, argv, { signal }) => {
      await enter(world, `exec ${target.service} ${argv.join(' ')}`, signal);
      if (find(world, target).seen.state !== 'running') return { exitCode: 126, stdout: '', stderr: 'not running' };
      const answer = world.options.services?.[target.service]?.exec?.(argv, target) ?? {};
      return { exitCode: 0, stdout: '', stderr: '', ...(await until(signal, Promise.resolve(answer))) };
    },
    logs: async function* (target, { tail }) {
      const { service, replica } = target;
      const lines = find(world, target).seen.startedAt === null ? [] : (world.options.services?.[service]?.logs ?? []);
      for (const text of tail === undefined ? lines : lines.slice(-tail))
        yield { service, replica, stream: 'stdout', text } satisfies LogLine;
    },
    watch: (instance, signal) => watch(world, instance, signal),
  };
}

function making(world: World): Pick<Engine, 'prepare' | 'create' | 'start'> {
  return {
    prepare: async (environment, options, { signal }) => {
      await enter(world, 'prepare', signal);
      const image = (service: string): Partial<ImageMetadata> => world.options.services?.[service]?.image ?? {};
      return madeUp(environment, options, { image, number: () => world.count++ });
    },
    create: async (prepared, services, { signal }) => {
      await enter(world, `create ${services.join(' ')}`, signal);
      for (const workload of prepared.workloads)
        if (services.includes(workload.service)) create(world, prepared, workload);
    },
    start: async (prepared, service, { signal }) => {
      await enter(world, `start ${service}`, signal);
      await until(
        signal,
        new Promise((resolve) => setTimeout(resolve, world.options.services?.[service]?.startMs ?? 0)),
      );
      const own = ofInstance(world, prepared.environment.id).filter(({ seen }) => seen.service === service);
      for (const replica of own) start(world, prepared, replica);
      return own.map(({ seen }) => seen);
    },
  };
}

function ending(world: World): Pick<Engine, 'stop' | 'removeServices' | 'remove'> {
  return {
    stop: async (instance, services, signal) => {
      await enter(world, `stop ${services.join(' ')}`, signal);
      for (const { seen } of ofInstance(world, instance))
        if (services.includes(seen.service) && seen.state === 'running')
          alter(world, seen, { state: 'exited', exitCode: 137, outside: {} });
    },
    removeServices: async (instance, services, signal) => {
      await enter(
        world,
        `removeServices ${services.map(({ service, keepReplicas }) => `${service}>${keepReplicas}`).join(' ')}`,
        signal,
      );
      for (const { seen } of ofInstance(world, instance))
        if (services.some(({ service, keepReplicas }) => service === seen.service && seen.replica > keepReplicas))
          forget(world, seen);
    },
    remove: async (instance, { data, except = [] }, signal) => {
      await enter(world, 'remove', signal);
      for (const { seen } of ofInstance(world, instance)) forget(world, seen);
      if (data === 'keep') return { data: [], left: [] };
      const stores = [...(world.stores.get(instance) ?? [])];
      world.stores.set(instance, new Set(stores.filter((name) => except.includes(name))));
      return { data: stores.filter((name) => !except.includes(name)), left: [] };
    },
  };
}

const ofInstance = (world: World, instance: string | null): Replica[] =>
  [...world.replicas.values()].filter(({ seen }) => instance === null || seen.instance === instance);
const keptStores = (world: World, instance: string | null): KeptStore[] =>
  [...world.stores]
    .filter(([id]) => instance === null || id === instance)
    .flatMap(([id, names]) =>
      [...names].map((name) => ({
        instance: id,
        service: name.split(':')[0] ?? '',
        profile: null,
        name,
        createdAt: 0,
      })),
    )
    .filter(({ instance: id, service }) => !ofInstance(world, id).some(({ seen }) => seen.service === service));
const keyOf = ({ instance, service, replica }: Target): string => `${instance}/${service}/${replica}`;

async function until<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  signal.throwIfAborted();
  let stop = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
  });
  return Promise.race([work, aborted]).finally(() => signal.removeEventListener('abort', stop));
}

const created = {
  state: 'created',
  exitCode: null,
  startedAt: null,
  restarts: 0,
  health: null,
  oomKilled: false,
  outside: {},
} as const;

function create(world: World, { environment: { id: instance } }: Prepared, workload: Workload): void {
  const { service, fingerprint, record, env } = workload;
  const stores = workload.stores.filter(({ storage }) => storage === 'disk').map(({ path }) => `${service}:${path}`);
  world.stores.set(instance, new Set([...(world.stores.get(instance) ?? []), ...stores]));
  for (let replica = 1; replica <= workload.replicas; replica++) {
    const key = keyOf({ instance, service, replica });
    if (world.replicas.has(key)) continue;
    const seen = {
      ...created,
      instance,
      service,
      replica,
      id: `${key}#${world.count++}`,
      createdAt: Date.now(),
      fingerprint,
      env,
      record,
    };
    world.replicas.set(key, { seen });
  }
}

function start(world: World, { workloads }: Prepared, replica: Replica): void {
  const { service, state } = replica.seen;
  if (state === 'running') return;
  const publish = workloads.find((workload) => workload.service === service)?.publish ?? {};
  const ports = Object.entries(publish).map(([name, fixed]) => [name, fixed ?? 40_000 + world.count++] as const);
  const { exit, health = null } = world.options.services?.[service] ?? {};
  alter(world, replica.seen, {
    state: 'running',
    exitCode: null,
    startedAt: Date.now(),
    health,
    outside: addresses('127.0.0.1', ports),
  });
  if (exit !== undefined)
    replica.timer = setTimeout(
      () => alter(world, replica.seen, { state: 'exited', exitCode: exit.code, outside: {} }),
      exit.afterMs,
    );
}

function find(world: World, target: Target): Replica {
  const replica = world.replicas.get(keyOf(target));
  if (replica !== undefined) return replica;
  throw new EnvctlError(
    'SERVICE_FAILED',
    `"${target.service}" has no replica ${target.replica} in "${target.instance}"`,
    {
      hint: 'Create it first.',
      service: target.service,
    },
  );
}

function alter(world: World, target: Target, change: Partial<Observed>): void {
  const replica = find(world, target);
  clearTimeout(replica.timer);
  replica.seen = { ...replica.seen, ...change };
  world.wakes.emit('wake', target);
}

function forget(world: World, target: Target): void {
  clearTimeout(find(world, target).timer);
  world.replicas.delete(keyOf(target));
  world.wakes.emit('wake', target);
}

async function* watch(world: World, instance: string, signal: AbortSignal): AsyncGenerator<StateChange> {
  try {
    for await (const [target] of on(world.wakes, 'wake', { signal }))
      if (target.instance === instance) yield { service: target.service };
  } catch {
    // The signal ends it.
  }
}
