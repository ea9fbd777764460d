import type { Engine, ExecResult, ImageFacts, LogLine, Observed, Prepared, Target, Wake, Workload } from '../core/contracts.js';
import type { Addresses, Environment } from '../core/environment.js';
import { EnvctlError } from '../core/errors.js';

/** How a service behaves; nothing said: it starts at once and runs until stopped. */
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
  readonly image?: Partial<ImageFacts>;
}

export interface MemoryOptions {
  readonly services?: Readonly<Record<string, Script>>;
  /**
   * Called before each call with its line in `calls` (`start db`). What it throws, the call throws; while it waits, the call hangs (until its signal).
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
  readonly watchers: Set<(target: Target) => void>;
  count: number;
}

/** An engine that holds everything in memory, for tests of what stands above engines. Times are real, ports are made up. */
export function memoryEngine(options: MemoryOptions = {}): MemoryEngine {
  const world: World = { options, calls: [], replicas: new Map(), stores: new Map(), watchers: new Set(), count: 0 };
  return { name: 'memory', runs: ['container', 'process'], calls: world.calls, change: (target, change) => alter(world, target, change), ...asking(world), ...making(world), ...ending(world) };
}

async function enter(world: World, call: string, signal: AbortSignal): Promise<void> {
  world.calls.push(call);
  await until(signal, Promise.resolve(world.options.before?.(call)));
}

function asking(world: World): Pick<Engine, 'ping' | 'check' | 'observe' | 'exec' | 'logs' | 'watch'> {
  return {
    ping: async (signal) => enter(world, 'ping', signal).then(() => ({ version: '1', endpoint: 'memory' })),
    check: (_, signal) => enter(world, 'check', signal),
    observe: async (instance, signal) => enter(world, 'observe', signal).then(() => ofInstance(world, instance).map(({ seen }) => seen)),
    exec: async (target, argv, { signal }) => {
      await enter(world, `exec ${target.service} ${argv.join(' ')}`, signal);
      if (find(world, target).seen.state !== 'running') return { exitCode: 126, stdout: '', stderr: 'not running' };
      const answer = world.options.services?.[target.service]?.exec?.(argv, target) ?? {};
      return { exitCode: 0, stdout: '', stderr: '', ...(await until(signal, Promise.resolve(answer))) };
    },
    logs: async function* (target, { tail }) {
      const { service, replica } = target;
      const lines = find(world, target).seen.startedAt === null ? [] : (world.options.services?.[service]?.logs ?? []);
      for (const text of tail === undefined ? lines : lines.slice(-tail)) yield { service, replica, stream: 'stdout', text } satisfies LogLine;
    },
    watch: (instance, signal) => watch(world, instance, signal),
  };
}

function making(world: World): Pick<Engine, 'prepare' | 'create' | 'start'> {
  return {
    prepare: async (environment, { reserve }, { signal }) => {
      await enter(world, 'prepare', signal);
      return preparation(world, environment, reserve);
    },
    create: async (prepared, services, { signal }) => {
      await enter(world, `create ${services.join(' ')}`, signal);
      for (const workload of prepared.workloads) if (services.includes(workload.service)) create(world, prepared, workload);
    },
    start: async (prepared, service, { signal }) => {
      await enter(world, `start ${service}`, signal);
      await until(signal, new Promise((resolve) => setTimeout(resolve, world.options.services?.[service]?.startMs ?? 0)));
      const own = ofInstance(world, prepared.environment.id).filter(({ seen }) => seen.service === service);
      for (const replica of own) start(world, prepared, replica);
      return own.map(({ seen }) => seen);
    },
  };
}

function ending(world: World): Pick<Engine, 'stop' | 'removeServices' | 'remove'> {
  return {
    stop: async (instance, services, _, signal) => {
      await enter(world, `stop ${services.join(' ')}`, signal);
      for (const { seen } of ofInstance(world, instance)) if (services.includes(seen.service) && seen.state === 'running') alter(world, seen, { state: 'exited', exitCode: 137, outside: {} });
    },
    removeServices: async (instance, services, signal) => {
      await enter(world, `removeServices ${services.map(({ service, above }) => `${service}>${above}`).join(' ')}`, signal);
      for (const { seen } of ofInstance(world, instance)) if (services.some(({ service, above }) => service === seen.service && seen.replica > above)) forget(world, seen);
    },
    remove: async (instance, { data }, signal) => {
      await enter(world, 'remove', signal);
      for (const { seen } of ofInstance(world, instance)) forget(world, seen);
      if (data === 'keep') return { data: [], left: [] };
      const stores = [...(world.stores.get(instance) ?? [])];
      world.stores.delete(instance);
      return { data: stores, left: [] };
    },
  };
}

const ofInstance = (world: World, instance: string | null): Replica[] => [...world.replicas.values()].filter(({ seen }) => instance === null || seen.instance === instance);
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

function preparation(world: World, { services }: Environment, reserve: readonly { readonly service: string; readonly port: string }[]): Prepared['preparation'] {
  const facts = (name: string): ImageFacts => ({ id: `sha256:${name}`, reference: name, healthcheck: null, environment: {}, volumes: [], entrypoint: [], command: [], ...world.options.services?.[name]?.image });
  const outside: Record<string, Addresses> = {};
  for (const service of services) for (const [port, { fixed }] of Object.entries(service.ports)) if (fixed !== null) outside[service.name] = { ...outside[service.name], [port]: { host: '127.0.0.1', port: fixed } };
  for (const { service, port } of reserve) outside[service] = { [port]: { host: '127.0.0.1', port: 30_000 + world.count++ }, ...outside[service] };
  return {
    images: Object.fromEntries(services.map(({ name }) => [name, facts(name)])),
    inside: Object.fromEntries(services.map(({ name, ports }) => [name, Object.fromEntries(Object.entries(ports).map(([port, { inside }]) => [port, { host: name, port: inside }]))])),
    outside,
  };
}

function create(world: World, { environment }: Prepared, { service, replicas, stores, fingerprint, record, environment: variables }: Workload): void {
  for (const { path, storage } of stores) if (storage === 'disk') world.stores.set(environment.id, (world.stores.get(environment.id) ?? new Set()).add(`${service}:${path}`));
  for (let replica = 1; replica <= replicas; replica++) {
    const target = { instance: environment.id, service, replica };
    if (world.replicas.has(keyOf(target))) continue;
    const fresh = { state: 'created', exitCode: null, startedAt: null, createdAt: Date.now(), restarts: 0, health: null, oomKilled: false, outside: {}, expires: null } as const;
    world.replicas.set(keyOf(target), { seen: { ...target, ...fresh, id: `${keyOf(target)}#${world.count++}`, fingerprint, environment: variables, record } });
  }
}

function start(world: World, { workloads }: Prepared, replica: Replica): void {
  const { service, state } = replica.seen;
  if (state === 'running') return;
  const publish = workloads.find((workload) => workload.service === service)?.publish ?? {};
  const outside = Object.fromEntries(Object.entries(publish).map(([port, fixed]) => [port, { host: '127.0.0.1', port: fixed ?? 40_000 + world.count++ }]));
  const { exit, health = null } = world.options.services?.[service] ?? {};
  alter(world, replica.seen, { state: 'running', exitCode: null, startedAt: Date.now(), health, outside });
  if (exit !== undefined) replica.timer = setTimeout(() => alter(world, replica.seen, { state: 'exited', exitCode: exit.code, outside: {} }), exit.afterMs);
}

function find(world: World, target: Target): Replica {
  const replica = world.replicas.get(keyOf(target));
  if (replica !== undefined) return replica;
  throw new EnvctlError('SERVICE_FAILED', `"${target.service}" has no replica ${target.replica} in "${target.instance}"`, { hint: 'Create it first.', service: target.service });
}

function alter(world: World, target: Target, change: Partial<Observed>): void {
  const replica = find(world, target);
  clearTimeout(replica.timer);
  replica.seen = { ...replica.seen, ...change };
  for (const wake of world.watchers) wake(target);
}

function forget(world: World, target: Target): void {
  clearTimeout(find(world, target).timer);
  world.replicas.delete(keyOf(target));
  for (const wake of world.watchers) wake(target);
}

async function* watch(world: World, instance: string, signal: AbortSignal): AsyncGenerator<Wake> {
  const waiting: Wake[] = [];
  let notify = (): void => {};
  const listen = (target: Target): void => {
    if (target.instance === instance) waiting.push({ service: target.service });
    notify();
  };
  world.watchers.add(listen);
  signal.addEventListener('abort', () => notify(), { once: true });
  try {
    while (!signal.aborted) {
      yield* waiting.splice(0);
      await new Promise<void>((resolve) => {
        notify = resolve;
        if (waiting.length > 0 || signal.aborted) resolve();
      });
    }
  } finally {
    world.watchers.delete(listen);
  }
}
