/** `up` from a resolved environment to running connections: look, prepare, settle, plan, run. */

import { setMaxListeners } from 'node:events';
import { connectionsOf, exportsOf } from '../connections/connections.js';
import type { Connection } from '../model/connection.js';
import { formatDuration } from '../model/durations.js';
import type { Environment } from '../model/environment.js';
import { EnvctlError } from '../model/errors.js';
import type { Emit } from '../model/events.js';
import type { Observed } from '../model/observed.js';
import type { Plan } from '../model/plan.js';
import type { BoundService } from '../model/service.js';
import type { Prepared } from '../model/workload.js';
import { bindEnvironment } from '../plan/bind.js';
import { mountedFiles } from '../plan/fingerprint.js';
import { changesAnything, planUp } from '../plan/plan.js';
import { portsToReserve } from '../plan/ports-to-reserve.js';
import type { ReusePolicy } from '../plan/reconcile.js';
import { executePlan, type Timing } from './execute-plan.js';
import { watchReplicas } from './replica-watcher.js';
import { requireSeedFiles } from './seeding.js';
import { readinessContext, stepHandlers } from './step-handlers.js';
import type { UpDependencies } from './up-dependencies.js';

export interface UpOptions {
  readonly observed: readonly Observed[];
  readonly secrets: readonly string[];
  /** All services were asked for, not only some: then orphans are removed. */
  readonly wholeProfile: boolean;
  readonly pull: boolean;
  readonly reuse: ReusePolicy;
  /** Services that were asked for by name. */
  readonly named: readonly string[];
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
export type UpOutcome =
  | { readonly kind: 'running'; readonly running: Running }
  | { readonly kind: 'failed'; readonly error: unknown; readonly touched: readonly string[] };

/** What would be done, for `plan` and before `up`. */
export async function planEnvironment(
  environment: Environment,
  tools: UpDependencies,
  options: Pick<UpOptions, 'observed' | 'secrets' | 'wholeProfile' | 'pull' | 'reuse' | 'named'> & {
    readonly images: 'make' | 'local';
  },
): Promise<{ prepared: Prepared; plan: Plan }> {
  const { engine, emit, signal } = tools;
  const [preparation, hashes] = await Promise.all([
    engine.prepare(
      environment,
      { observed: options.observed, reserve: portsToReserve(environment), images: options.images, pull: options.pull },
      { signal, emit },
    ),
    hashAll(mountedFiles(environment), tools),
  ]);
  const prepared = bindEnvironment({ environment, preparation, runs: engine.runs, hashes, secrets: options.secrets });
  return {
    prepared,
    plan: planUp(prepared, options.observed, {
      ...options,
      removeOrphans: options.wholeProfile && options.reuse === 'reconcile',
    }),
  };
}

/** Brings the environment up. Throws only while nothing has been touched yet. */
export async function up(environment: Environment, tools: UpDependencies, options: UpOptions): Promise<UpOutcome> {
  for (const text of environment.notices) tools.emit({ type: 'notice', text });
  const { prepared, plan } = await planEnvironment(environment, tools, { ...options, images: 'make' });
  await requireSeedFiles(environment, tools.host);
  if (options.reuse === 'as-is') refuseLoss(plan, prepared);
  for (const { step, service, cause } of plan.nodes)
    if (step === 'skip')
      tools.emit({ type: 'notice', text: `Skipped "${service}" (${cause}); run \`envctl up\` to start it` });
  const abort = new AbortController();
  const signal = AbortSignal.any([tools.signal, abort.signal]);
  // Every service listens on it; Node takes more than ten for a leak.
  setMaxListeners(0, signal);
  const timer =
    options.timeoutMs === null
      ? null
      : setTimeout(() => abort.abort(outOfTime(options.timeoutMs ?? 0, waited)), options.timeoutMs);
  /** What each gate that is not open answered last. */
  const waited = new Map<string, string>();
  const emit: Emit = (event) => {
    if (event.type === 'waiting') waited.set(event.service, `${event.probe}: ${event.why}`);
    if (event.type === 'step' && event.step === 'gate' && event.state === 'done') waited.delete(event.service ?? '');
    tools.emit(event);
  };
  const stop = (): void => abort.abort(tools.signal.reason);
  tools.signal.addEventListener('abort', stop, { once: true });
  try {
    return {
      kind: 'running',
      running: await executeUp({
        prepared,
        plan,
        tools: preferProfileSecrets(environment, { ...tools, signal, emit }),
        options,
        abort,
      }),
    };
  } catch (error) {
    return { kind: 'failed', error, touched: touchedBy(plan) };
  } finally {
    if (timer) clearTimeout(timer);
    tools.signal.removeEventListener('abort', stop);
    abort.abort();
  }
}

/** A secret that the profile itself says (in a file, say) is known here whatever the running service tells. */
function preferProfileSecrets(environment: Environment, tools: UpDependencies): UpDependencies {
  const parameters = new Map(environment.services.map((service) => [service.name, service.parameters]));
  return {
    ...tools,
    secret: (seen, parameter) => String(parameters.get(seen.service)?.[parameter] ?? tools.secret(seen, parameter)),
  };
}

interface Carry {
  readonly prepared: Prepared;
  readonly plan: Plan;
  readonly tools: UpDependencies;
  readonly options: UpOptions;
  readonly abort: AbortController;
}

async function executeUp({ prepared, plan, tools, options, abort }: Carry): Promise<Running> {
  const { environment } = prepared;
  const watcher = watchReplicas(tools.engine, environment.id, tools.signal);
  watcher.note(options.observed);
  const services = new Map(environment.services.map((service) => [service.name, service]));
  const gates = readinessContext(prepared, watcher, tools);
  preloadDrivers(services.values(), tools);
  const timings = await executePlan({
    plan,
    services,
    gates,
    emit: tools.emit,
    abort,
    actions: stepHandlers({ prepared, tools, watcher, services, gates, reuse: options.reuse }),
  });
  const place = new Map(environment.services.map((service, index) => [service.name, index]));
  const observed = [...watcher.all()].sort(
    (a, b) => (place.get(a.service) ?? place.size) - (place.get(b.service) ?? place.size),
  );
  const connections = connectionsOf(observed, tools.secret);
  return {
    environment,
    observed,
    connections,
    exports: exportsOf(connections, observed, environment.exports),
    timings,
    changed: changesAnything(plan),
  };
}

/** Drivers take 40 ms each to load: they do while the engine makes containers. A driver that fails to load is told by its first use. */
function preloadDrivers(services: Iterable<BoundService>, { protocol }: UpDependencies): void {
  const names = [...services].flatMap(({ gate, speaks }) => [
    ...gate.probes.flatMap((probe) => (probe.kind === 'protocol' ? [probe.protocol] : [])),
    ...(speaks === null ? [] : [speaks]),
  ]);
  for (const name of new Set(names)) protocol(name).catch(() => undefined);
}

async function hashAll(
  paths: readonly string[],
  { hashFile }: UpDependencies,
): Promise<Readonly<Record<string, string>>> {
  const hashed = await Promise.all(paths.map(async (path) => [path, (await hashFile(path)) ?? ''] as const));
  return Object.fromEntries(hashed);
}

const touchedBy = (plan: Plan): readonly string[] =>
  plan.nodes.flatMap((node) => (node.step === 'create' ? node.services : node.step === 'start' ? [node.service] : []));

function outOfTime(timeoutMs: number, waited: ReadonlyMap<string, string>): EnvctlError {
  const services = [...waited].map(([service, answer]) => `${service} (${answer})`);
  const what = services.length === 0 ? 'not everything was ready' : `not ready: ${services.join(', ')}`;
  return new EnvctlError('GATE_TIMEOUT', `${what}, after ${formatDuration(timeoutMs)}`, {
    hint: 'Raise --timeout if it is only slow; `up --keep` leaves it to be looked at.',
    ...(waited.size === 1 ? { service: [...waited.keys()][0] ?? '' } : {}),
  });
}

function refuseLoss(plan: Plan, prepared: Prepared): void {
  const lost = plan.nodes.filter((node) => node.step === 'remove').find((node) => holdsData(node.service, prepared));
  if (!lost) return;
  throw new EnvctlError(
    'DATA_AT_RISK',
    `${lost.service} would have to be recreated (${lost.cause}), and it holds data`,
    {
      hint: 'Bring the instance up to date yourself (envctl up), or use another instance: run -i <name>.',
      ...(lost.service === null ? {} : { service: lost.service }),
    },
  );
}

const holdsData = (name: string | null, prepared: Prepared): boolean =>
  prepared.workloads.some(
    (workload) =>
      workload.service === name && (workload.stores.length > 0 || (workload.image?.volumes.length ?? 0) > 0),
  );
