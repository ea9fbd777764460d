/** `up` from a resolved environment to running connections: plans, then executes the plan within its time limit. */

import { setMaxListeners } from 'node:events';
import { connectionsOf, exportsOf } from '../connections/connections.js';
import type { Connection } from '../model/connection.js';
import { formatDuration } from '../model/durations.js';
import type { Environment } from '../model/environment.js';
import { EnvctlError } from '../model/errors.js';
import type { Emit } from '../model/events.js';
import type { Observed } from '../model/observed.js';
import type { Plan } from '../model/plan.js';
import type { Prepared } from '../model/workload.js';
import { changesAnything } from '../plan/plan.js';
import { executePlan, type Timing } from './execute-plan.js';
import { keepHint } from './keep-hint.js';
import { type PlanEnvironmentOptions, planEnvironment } from './plan-environment.js';
import { preloadDrivers } from './preload-drivers.js';
import { refuseDataLoss } from './refuse-data-loss.js';
import { watchReplicas } from './replicas/replica-watcher.js';
import { requireSeedFiles } from './seeding/seed-files.js';
import type { UpContext } from './up-context.js';
import type { UpDependencies } from './up-dependencies.js';

export interface RunUpOptions extends Omit<PlanEnvironmentOptions, 'images'> {
  /** Overall time limit, ms; null: only that of each gate. */
  readonly timeoutMs: number | null;
}

export interface UpResult {
  readonly environment: Environment;
  readonly observed: readonly Observed[];
  readonly connections: readonly Connection[];
  readonly exports: Readonly<Record<string, string>>;
  readonly timings: readonly Timing[];
  readonly changed: boolean;
}

/** After a failure, `touched` are the services that were created or started, for diagnostics and roll back. */
export type UpOutcome =
  | { readonly kind: 'running'; readonly running: UpResult }
  | { readonly kind: 'failed'; readonly error: unknown; readonly touched: readonly string[] };

/** Throws only while nothing has been changed; a later failure is an outcome. */
export async function runUp(
  environment: Environment,
  dependencies: UpDependencies,
  options: RunUpOptions,
): Promise<UpOutcome> {
  for (const text of environment.notices) dependencies.emit({ type: 'notice', text });
  const { prepared, plan } = await planEnvironment(environment, dependencies, { ...options, images: 'make' });
  await requireSeedFiles(environment, dependencies.host);
  if (options.reuse === 'as-is') refuseDataLoss(plan, prepared);
  emitSkipped(plan, dependencies.emit);
  const { emit, pending } = trackPending(dependencies.emit);
  const { controller, release } = linkedController(dependencies.signal);
  const { timeoutMs } = options;
  const expire = (): void => controller.abort(notReady(timeoutMs ?? 0, pending));
  const timer = timeoutMs === null ? undefined : setTimeout(expire, timeoutMs);
  try {
    const own = { ...dependencies, secret: profileSecrets(environment, dependencies.secret), emit };
    const run = startRun(prepared, { ...own, signal: controller.signal }, options);
    const timings = await executePlan(plan, run, controller);
    return { kind: 'running', running: upResult(plan, run, timings) };
  } catch (error) {
    return { kind: 'failed', error, touched: touchedBy(plan) };
  } finally {
    clearTimeout(timer);
    release();
  }
}

function emitSkipped({ nodes }: Plan, emit: Emit): void {
  for (const { step, service, cause } of nodes)
    if (step === 'skip')
      emit({ type: 'notice', text: `Skipped "${service}" (${cause}); run \`envctl up\` to start it` });
}

/** Passes events on and keeps the latest answer of each gate that is not open. */
function trackPending(emit: Emit): { readonly emit: Emit; readonly pending: ReadonlyMap<string, string> } {
  const pending = new Map<string, string>();
  return {
    pending,
    emit: (event) => {
      if (event.type === 'waiting') pending.set(event.service, `${event.probe}: ${event.why}`);
      if (event.type === 'step' && event.step === 'gate' && event.state === 'done') pending.delete(event.service ?? '');
      emit(event);
    },
  };
}

/** A controller that also aborts with `parent`. `release` aborts it, which ends everything started with its signal. */
function linkedController(parent: AbortSignal): { readonly controller: AbortController; release(): void } {
  const controller = new AbortController();
  // Every service listens to it, and Node reports more than ten listeners as a leak.
  setMaxListeners(0, controller.signal);
  const abort = (): void => controller.abort(parent.reason);
  parent.addEventListener('abort', abort, { once: true });
  if (parent.aborted) abort();
  const release = (): void => {
    parent.removeEventListener('abort', abort);
    controller.abort();
  };
  return { controller, release };
}

/** A secret that the profile itself defines is known, whatever the running service reports. */
function profileSecrets({ services }: Environment, secret: UpDependencies['secret']): UpDependencies['secret'] {
  const parameters = new Map(services.map((service) => [service.name, service.parameters]));
  return (replica, parameter) => String(parameters.get(replica.service)?.[parameter] ?? secret(replica, parameter));
}

function startRun(prepared: Prepared, dependencies: UpDependencies, { observed, reuse }: RunUpOptions): UpContext {
  const { id, services } = prepared.environment;
  const watcher = watchReplicas(dependencies.engine, id, dependencies.signal);
  watcher.note(observed);
  preloadDrivers(services, dependencies.protocol);
  const byName = new Map(services.map((service) => [service.name, service]));
  return { ...dependencies, prepared, services: byName, watcher, reuse };
}

function upResult(plan: Plan, run: UpContext, timings: readonly Timing[]): UpResult {
  const { environment } = run.prepared;
  const order = new Map(environment.services.map(({ name }, index) => [name, index]));
  const rank = ({ service }: Observed): number => order.get(service) ?? order.size;
  const observed = run.watcher.all().toSorted((a, b) => rank(a) - rank(b));
  const connections = connectionsOf(observed, run.secret);
  return {
    environment,
    observed,
    connections,
    exports: exportsOf(connections, observed, environment.exports),
    timings,
    changed: changesAnything(plan),
  };
}

const touchedBy = ({ nodes }: Plan): readonly string[] =>
  nodes.flatMap((node) => (node.step === 'create' ? node.services : node.step === 'start' ? [node.service] : []));

function notReady(timeoutMs: number, pending: ReadonlyMap<string, string>): EnvctlError {
  const services = [...pending].map(([service, answer]) => `"${service}" (${answer})`);
  const which = services.length === 0 ? '' : `: ${services.join(', ')}`;
  return new EnvctlError('GATE_TIMEOUT', `Not ready after ${formatDuration(timeoutMs)}${which}`, {
    hint: `If it is only slow, raise \`--timeout\`. ${keepHint}`,
    ...(pending.size === 1 ? { service: [...pending.keys()][0] ?? '' } : {}),
  });
}
