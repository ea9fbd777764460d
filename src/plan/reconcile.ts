/** Decides, service by service, what an `up` does about the difference between the profile and what runs. */
import { reachable } from '../model/graph.js';
import type { Observed } from '../model/observed.js';
import type { Need, Service } from '../model/service.js';
import type { Prepared, Workload } from '../model/workload.js';

/**
 * How to treat an instance that exists. `reconcile` (`up`): make it match the profile.
 * `as-is` (`run`): stopped services stay stopped, applied seeds are not checked again, nothing that holds data is
 * recreated, orphans stay. Other changes of the profile apply either way.
 */
export type ReusePolicy = 'reconcile' | 'as-is';

export interface Decision {
  readonly workload: Workload;
  readonly step: 'start' | 'reuse' | 'skip';
  readonly cause: string;
  readonly create: boolean;
  /** Remove the replicas numbered above this first; null: remove none. */
  readonly keepReplicas: number | null;
  readonly effect: Effect;
}

/** On dependents. `recreated`: all are recreated too. `created`, `emptied`: only jobs, because the data they wrote is lost. */
type Effect = 'none' | 'recreated' | 'created' | 'emptied';

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

/** Services the user stopped, if the instance runs and is to be used as is. */
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
    decisions.set(service.name, firstDecision(comparison));
  }
  return decisions;
}

/** Why a decision about a service it needs forces this one to be recreated; null: none does. */
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

interface Comparison {
  readonly service: Service;
  readonly workload: Workload;
  /** The service's replicas as they run now. */
  readonly replicas: readonly Observed[];
  readonly recreatedBy: string | null;
  readonly staysStopped: boolean;
}

const firstDecision = (comparison: Comparison): Decision =>
  rules.map((rule) => rule(comparison)).find((decision) => decision !== null) ?? reuse(comparison, 'unchanged');

/** In order: the first that applies decides. */
const rules: readonly ((comparison: Comparison) => Decision | null)[] = [
  newService,
  incompleteReplica,
  changedFingerprint,
  recreatedDependency,
  job,
  missingReplicas,
  completed,
  stopped,
  imageNotPulled,
];

function newService({ workload, replicas }: Comparison): Decision | null {
  if (replicas.length > 0) return null;
  const decision = { workload, keepReplicas: null };
  return workload.replicas === 0
    ? { ...decision, step: 'reuse', cause: 'scale is 0', create: false, effect: 'none' }
    : { ...decision, step: 'start', cause: 'not running', create: true, effect: 'created' };
}

/** What an interrupted `up` or another version of envctl left is never adopted. */
function incompleteReplica(comparison: Comparison): Decision | null {
  const found = comparison.replicas.find(
    ({ state, record }) => state === 'created' || state === 'dead' || record === null,
  );
  return found ? recreate(comparison, found.record === null ? 'created by another version' : 'incomplete') : null;
}

function changedFingerprint(comparison: Comparison): Decision | null {
  const changes = comparison.replicas.map((replica) => changeOf(comparison.workload, replica.fingerprint));
  const cause = changes.find((change) => change !== null);
  return cause ? recreate(comparison, cause) : null;
}

function recreatedDependency(comparison: Comparison): Decision | null {
  return comparison.recreatedBy === null ? null : recreate(comparison, comparison.recreatedBy);
}

const completedCause = 'already completed';

/** A job that completed does not run again while it and what it needs are unchanged. */
function job(comparison: Comparison): Decision | null {
  if (comparison.service.once !== 'yes') return null;
  const failed = comparison.replicas.find(({ state, exitCode }) => state === 'exited' && exitCode !== 0);
  return failed
    ? recreate(comparison, `failed before (exit ${failed.exitCode ?? '?'})`)
    : { ...reuse(comparison, completedCause), keepReplicas: null };
}

function missingReplicas(comparison: Comparison): Decision | null {
  const { replicas } = comparison.workload;
  const missing = replicas - new Set(wantedReplicas(comparison).map(({ replica }) => replica)).size;
  if (missing <= 0) return null;
  return { ...reuse(comparison, `${missing} of ${replicas} replicas missing`), step: 'start', create: true };
}

function completed(comparison: Comparison): Decision | null {
  const replicas = wantedReplicas(comparison);
  return replicas.length > 0 && replicas.every((replica) => isCompleted(comparison.service, replica))
    ? reuse(comparison, completedCause)
    : null;
}

function stopped(comparison: Comparison): Decision | null {
  const { service, workload, staysStopped } = comparison;
  const found = wantedReplicas(comparison).find(
    (replica) => !['running', 'restarting'].includes(replica.state) && !isCompleted(service, replica),
  );
  if (!found) return null;
  const decision = reuse(comparison, found.state === 'paused' ? 'paused' : 'stopped');
  if (staysStopped) return { ...decision, step: 'skip' };
  const emptied = found.state !== 'paused' && workload.stores.some((store) => store.storage === 'memory');
  return { ...decision, step: 'start', effect: emptied ? 'emptied' : 'none' };
}

function imageNotPulled(comparison: Comparison): Decision | null {
  return comparison.workload.image?.id === '' ? reuse(comparison, 'unchanged, image not pulled yet') : null;
}

const recreate = ({ workload }: Comparison, cause: string): Decision => ({
  workload,
  step: 'start',
  cause,
  create: true,
  keepReplicas: 0,
  effect: 'recreated',
});

/** Reuses the service as it runs, without the replicas beyond its scale. */
const reuse = (comparison: Comparison, cause: string): Decision => ({
  workload: comparison.workload,
  step: 'reuse',
  cause,
  create: false,
  keepReplicas: wantedReplicas(comparison).length < comparison.replicas.length ? comparison.workload.replicas : null,
  effect: 'none',
});

const wantedReplicas = ({ workload, replicas }: Comparison): readonly Observed[] =>
  replicas.filter(({ replica }) => replica <= workload.replicas);

const isCompleted = ({ once }: Service, { state, exitCode }: Observed): boolean =>
  once === 'maybe' && state === 'exited' && exitCode === 0;

const fingerprintChanges = ['configuration changed', 'image changed', 'mounted files changed'] as const;

/** null: no known change. An image that is not on this machine has no id to compare. */
function changeOf({ fingerprint, image }: Workload, found: string): string | null {
  const [now, then] = [fingerprint.split('-'), found.split('-')];
  const unknown = image?.id === '';
  return fingerprintChanges.find((_, index) => now[index] !== then[index] && !(unknown && index === 1)) ?? null;
}
