/** `up` from a resolved environment to running connections: look, prepare, settle, plan, run. */
import { setMaxListeners } from 'node:events';
import { connectionsOf, exportsOf } from './connections.js';
import type { Engine, ExecOptions, ExecResult, Host, Ledger, Observed, Prepared, Protocol, Reach, Target } from './contracts.js';
import { fact } from './connect.js';
import type { Connection, Environment, Gate, Service } from './environment.js';
import { EnvctlError } from './errors.js';
import type { Emit } from './events.js';
import type { GateContext } from './gates.js';
import { changesAnything, type Plan, planUp } from './plan.js';
import { reachOf } from './reach.js';
import { renderText, reservedOwners } from './references.js';
import { runPlan, type Timing } from './run.js';
import { seedService } from './seeding.js';
import { mountedFiles, portsToReserve, settle } from './settle.js';
import { watchInstance, type Watcher } from './watcher.js';

/** What `up` works with; the parts meet here and know nothing of each other. */
export interface Tools {
  readonly engine: Engine;
  readonly host: Host;
  readonly protocol: (name: string) => Promise<Protocol>;
  readonly emit: Emit;
  /** The value of a secret parameter of a running service. */
  readonly secret: (seen: Observed, parameter: string) => string;
  /** Content hash of a file; null: it is not a file. */
  readonly hashFile: (path: string) => Promise<string | null>;
  /** Where seeds are remembered of services whose protocol keeps no ledger; `incarnation` names this life of the service. */
  readonly ledger: (service: string, incarnation: string) => Ledger;
  readonly signal: AbortSignal;
}

export interface UpOptions {
  readonly observed: readonly Observed[];
  readonly secrets: readonly string[];
  /** Whole profile or only some services: only the whole removes what the profile no longer has. */
  readonly whole: 'yes' | 'no';
  readonly pull: boolean;
  /** Refuses to recreate what holds data (`run` on an instance that exists). */
  readonly protectData: 'yes' | 'no';
  /** Time for the whole of `up`, ms; null: each gate's own. */
  readonly timeoutMs: number | null;
}

export interface Running {
  readonly environment: Environment;
  readonly observed: readonly Observed[];
  readonly connections: readonly Connection[];
  readonly exports: Readonly<Record<string, string>>;
  readonly timings: readonly Timing[];
  readonly changed: boolean;
}

/** How `up` ended. After a failure `touched` are the services it made or started, for evidence and for clearing up. */
export type UpOutcome = { readonly kind: 'running'; readonly running: Running } | { readonly kind: 'failed'; readonly error: unknown; readonly touched: readonly string[] };

/** What would be done, for `plan` and before `up`. */
export async function planEnvironment(environment: Environment, tools: Tools, options: Pick<UpOptions, 'observed' | 'secrets' | 'whole' | 'pull'> & { readonly images: 'make' | 'local' }): Promise<{ prepared: Prepared; plan: Plan }> {
  const { engine, emit, signal } = tools;
  const [preparation, hashes] = await Promise.all([
    engine.prepare(environment, { observed: options.observed, reserve: portsToReserve(environment), images: options.images, pull: options.pull }, { signal, emit }),
    hashAll(mountedFiles(environment), tools),
  ]);
  const prepared = settle({ environment, preparation, runs: engine.runs, hashes, secrets: options.secrets });
  return { prepared, plan: planUp(prepared, options.observed, { removeUndeclared: options.whole }) };
}

/** Brings the environment up. Throws only while nothing has been touched yet. */
export async function up(environment: Environment, tools: Tools, options: UpOptions): Promise<UpOutcome> {
  for (const text of environment.notices) tools.emit({ type: 'notice', text });
  const { prepared, plan } = await planEnvironment(environment, tools, { ...options, images: 'make' });
  if (options.protectData === 'yes') refuseLoss(plan, prepared);
  const abort = new AbortController();
  const signal = AbortSignal.any([tools.signal, abort.signal]);
  // Every service listens on it; Node takes more than ten for a leak.
  setMaxListeners(0, signal);
  const timer = options.timeoutMs === null ? null : setTimeout(() => abort.abort(outOfTime(options.timeoutMs ?? 0)), options.timeoutMs);
  const stop = (): void => abort.abort(tools.signal.reason);
  tools.signal.addEventListener('abort', stop, { once: true });
  try {
    return { kind: 'running', running: await carryOut({ prepared, plan, tools: { ...tools, signal }, options, abort }) };
  } catch (error) {
    return { kind: 'failed', error, touched: touchedBy(plan) };
  } finally {
    if (timer) clearTimeout(timer);
    tools.signal.removeEventListener('abort', stop);
    abort.abort();
  }
}

interface Carry {
  readonly prepared: Prepared;
  readonly plan: Plan;
  readonly tools: Tools;
  readonly options: UpOptions;
  readonly abort: AbortController;
}

async function carryOut({ prepared, plan, tools, options, abort }: Carry): Promise<Running> {
  const { environment } = prepared;
  const watcher = watchInstance(tools.engine, environment.id, tools.signal);
  watcher.note(options.observed);
  const services = new Map(environment.services.map((service) => [service.name, service as Service & { gate: Gate }]));
  const gates = gateContext(prepared, watcher, tools);
  const timings = await runPlan({ plan, services, gates, emit: tools.emit, abort, actions: actionsOf({ prepared, tools, watcher, services, gates }) });
  const place = new Map(environment.services.map((service, index) => [service.name, index]));
  const observed = [...watcher.all()].sort((a, b) => (place.get(a.service) ?? place.size) - (place.get(b.service) ?? place.size));
  const connections = connectionsOf(observed, tools.secret);
  return { environment, observed, connections, exports: exportsOf(connections, observed, environment.exports), timings, changed: changesAnything(plan) };
}

function gateContext(prepared: Prepared, watcher: Watcher, tools: Tools): GateContext {
  const parameters = new Map(prepared.environment.services.map((service) => [service.name, service.parameters]));
  return {
    watcher,
    host: tools.host,
    emit: tools.emit,
    signal: tools.signal,
    protocol: tools.protocol,
    reach: (replica, port) => reachOf({ replica, port, parameters: parameters.get(replica.service) ?? {}, watcher, engine: tools.engine, signal: tools.signal }),
    lastLines: (replica) => lastLines(tools.engine, replica),
  };
}

/** The last 20 lines of a replica, whatever state it is in; works after an abort. */
export async function lastLines(engine: Engine, { instance, service, replica }: Target): Promise<string> {
  const lines: string[] = [];
  try {
    for await (const line of engine.logs({ instance, service, replica }, { signal: AbortSignal.timeout(5000), tail: 20 })) lines.push(line.text);
  } catch (error) {
    lines.push(`(its log cannot be read: ${(error as Error).message})`);
  }
  return lines.slice(-20).join('\n');
}

interface ActionContext {
  readonly prepared: Prepared;
  readonly tools: Tools;
  readonly watcher: Watcher;
  readonly services: ReadonlyMap<string, Service>;
  readonly gates: GateContext;
}

function actionsOf({ prepared, tools, watcher, services, gates }: ActionContext): Parameters<typeof runPlan>[0]['actions'] {
  const { engine, emit, signal } = tools;
  const instance = prepared.environment.id;
  return {
    remove: (service, above) => engine.removeServices(instance, [{ service, above }], signal),
    create: (names) => engine.create(prepared, names, { signal, emit }),
    start: (service) => engine.start(prepared, service, { signal, emit }),
    seed: async (name) => {
      const service = services.get(name);
      const [replica] = watcher.of(name);
      if (!service || !replica) throw new Error(`nothing of ${name} runs that could be seeded`);
      await seedService(service, seedingContext({ service, replica, reach: gates.reach(replica, 'main') }, { prepared, tools, watcher }));
    },
  };
}

interface Seeded {
  readonly service: Service;
  readonly replica: Observed;
  readonly reach: Reach;
}

function seedingContext({ service, replica, reach }: Seeded, { prepared, tools, watcher }: Omit<ActionContext, 'services' | 'gates'>): Parameters<typeof seedService>[1] {
  const { engine, host, emit, signal, protocol } = tools;
  const owners = [...prepared.environment.declared, ...reservedOwners];
  const connections = (): readonly Connection[] => connectionsOf(watcher.all(), tools.secret);
  return {
    host,
    emit,
    signal,
    protocol,
    reach,
    fallback: tools.ledger(service.name, `${replica.id}@${replica.startedAt ?? 0}`),
    render: (text, side) =>
      renderText(text, { owners, at: service.position }, ({ owner, path }) => {
        const connection = connections().find((one) => one.service === owner);
        const value = connection && fact(connection, path, side);
        if (value === undefined) throw notKnown(owner, path, service);
        return value;
      }),
    exports: () => exportsOf(connections(), watcher.all(), prepared.environment.exports),
    execIn: (name: string, argv: readonly string[], options: ExecOptions): Promise<ExecResult> => engine.exec({ instance: prepared.environment.id, service: name, replica: 1 }, argv, options),
  };
}

function notKnown(owner: string, path: readonly string[], service: Service): EnvctlError {
  return new EnvctlError('REFERENCE_DANGLING', `"\${${[owner, ...path].join('.')}}" is not known while ${service.name} is seeded`, {
    hint: `Let the seed wait for it: seed.after: [${owner}].`,
    position: service.position,
  });
}

async function hashAll(paths: readonly string[], { hashFile }: Tools): Promise<Readonly<Record<string, string>>> {
  const hashed = await Promise.all(paths.map(async (path) => [path, (await hashFile(path)) ?? ''] as const));
  return Object.fromEntries(hashed);
}

const touchedBy = (plan: Plan): readonly string[] => plan.nodes.flatMap((node) => (node.step === 'create' ? node.services : node.step === 'start' ? [node.service] : []));

function outOfTime(timeoutMs: number): EnvctlError {
  return new EnvctlError('GATE_TIMEOUT', `not everything was ready after ${Math.round(timeoutMs / 1000)} s`, { hint: 'The lines above say what was waited for; raise --timeout if it is only slow.' });
}

function refuseLoss(plan: Plan, prepared: Prepared): void {
  const lost = plan.nodes.filter((node) => node.step === 'remove').find((node) => holdsData(node.service, prepared));
  if (!lost) return;
  throw new EnvctlError('DATA_AT_RISK', `${lost.service} would have to be recreated (${lost.cause}), and it holds data`, {
    hint: 'Bring the instance up to date yourself (envctl up), or use another instance: run -i <name>.',
    ...(lost.service === null ? {} : { service: lost.service }),
  });
}

const holdsData = (name: string | null, prepared: Prepared): boolean => prepared.workloads.some((workload) => workload.service === name && (workload.stores.length > 0 || (workload.image?.volumes.length ?? 0) > 0));
