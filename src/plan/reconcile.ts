/** Decides, service by service, what an `up` does about the difference between the profile and what runs. */
import { reachable } from '../model/graph.js';
import type { Observed } from '../model/observed.js';
import type { Need, Service } from '../model/service.js';
import type { Prepared, Workload } from '../model/workload.js';
import { type Comparison, completedCause, type Decision, decide } from './decide.js';

/**
 * How to treat an instance that exists. `reconcile` (`up`): make it match the profile.
 * `as-is` (`run`): stopped services stay stopped, applied seeds are not checked again, a change that would
 * recreate a service with data is refused, orphans stay. Other changes of the profile apply either way.
 */
export type ReusePolicy = 'reconcile' | 'as-is';

export interface ReconcileOptions {
  readonly reuse: ReusePolicy;
  /** Services requested by name; they are always started. */
  readonly named: readonly string[];
}

/** By service, in start order. */
export function reconcile(
  prepared: Prepared,
  observed: readonly Observed[],
  options: ReconcileOptions,
): ReadonlyMap<string, Decision> {
  const { services } = prepared.environment;
  const needs = new Map(services.map((service) => [service.name, service.needs.map((need) => need.service)]));
  for (let stayStopped = stoppedServices(prepared, observed, options); ; ) {
    const decisions = decideAll(prepared, observed, stayStopped);
    const started = services.map(({ name }) => name).filter((name) => decisions.get(name)?.step === 'start');
    const needed = reachable([...started, ...options.named], (name) => needs.get(name) ?? []);
    const unneeded = stayStopped.filter((name) => !needed.has(name));
    if (unneeded.length === stayStopped.length) return skipDependents(services, decisions);
    stayStopped = unneeded;
  }
}

/** Services the user stopped, if the instance runs and the policy is `as-is`. */
function stoppedServices(
  { environment, workloads }: Prepared,
  observed: readonly Observed[],
  { reuse, named }: ReconcileOptions,
): readonly string[] {
  const declared = observed.filter((replica) => workloads.some(({ service }) => service === replica.service));
  if (reuse === 'reconcile' || !declared.some(({ state }) => state === 'running')) return [];
  return environment.services
    .filter(({ name, once }) => once !== 'yes' && !named.includes(name))
    .map(({ name }) => name)
    .filter((name) => {
      const replicas = declared.filter(({ service }) => service === name);
      return replicas.length > 0 && replicas.every(wasStopped);
    });
}

/** Paused, or exited with 0 or by SIGINT, SIGKILL or SIGTERM as stopping does. A crash is not a stop. */
export const wasStopped = ({ state, exitCode, oomKilled }: Observed): boolean =>
  state === 'paused' || (state === 'exited' && !oomKilled && [0, 130, 137, 143].includes(exitCode ?? 1));

/** The gate of a running service that needs a skipped one would fail, so it is skipped too. */
function skipDependents(
  services: readonly Service[],
  decisions: ReadonlyMap<string, Decision>,
): ReadonlyMap<string, Decision> {
  const result = new Map(decisions);
  for (const { name, needs } of services) {
    const decision = result.get(name) as Decision;
    const missing = needs.find((need) => result.get(need.service)?.step === 'skip')?.service;
    if (missing === undefined || decision.step !== 'reuse' || decision.cause === completedCause) continue;
    const cause = `needs ${missing}, which is ${decisions.get(missing)?.cause ?? 'skipped'}`;
    result.set(name, { ...decision, step: 'skip', cause });
  }
  return result;
}

/** Services come in start order, so what a service needs is decided before it. */
function decideAll(
  { environment, workloads }: Prepared,
  observed: readonly Observed[],
  stayStopped: readonly string[],
): ReadonlyMap<string, Decision> {
  const decisions = new Map<string, Decision>();
  const workloadOf = new Map(workloads.map((workload) => [workload.service, workload]));
  for (const service of environment.services) {
    const replicas = observed.filter((replica) => replica.service === service.name);
    const comparison: Comparison = {
      service,
      workload: workloadOf.get(service.name) as Workload,
      replicas,
      recreatedBy: recreationCause(service, replicas, decisions),
      staysStopped: stayStopped.includes(service.name),
    };
    decisions.set(service.name, decide(comparison));
  }
  return decisions;
}

/** The cause if the decision about a needed service recreates this one; null: none does. */
function recreationCause(
  service: Service,
  replicas: readonly Observed[],
  decisions: ReadonlyMap<string, Decision>,
): string | null {
  const job = isJob(service, replicas);
  const causes = service.needs.map((need: Need) => {
    const effect = decisions.get(need.service)?.effect ?? 'none';
    if (effect === 'none' || (effect !== 'recreated' && !job)) return null;
    return `${need.service} ${effectTexts[effect]}`;
  });
  return causes.find((cause) => cause !== null) ?? null;
}

const effectTexts = { recreated: 'is recreated', created: 'is new', emptied: 'lost its data' } as const;

/** An adopted service that may be a job is one if all its replicas exited. */
const isJob = ({ once }: Service, replicas: readonly Observed[]): boolean =>
  once === 'yes' || (once === 'maybe' && replicas.length > 0 && replicas.every(({ state }) => state === 'exited'));
