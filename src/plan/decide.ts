/** Decides what an `up` does about one service: an ordered list of rules. */
import type { Observed } from '../model/observed.js';
import type { Service } from '../model/service.js';
import type { Workload } from '../model/workload.js';

export interface Decision {
  readonly workload: Workload;
  readonly step: 'start' | 'reuse' | 'skip';
  readonly cause: string;
  readonly create: boolean;
  /** Remove the replicas numbered above this first; null: remove none. */
  readonly keepReplicas: number | null;
  readonly effect: Effect;
}

/**
 * The effect on dependents. `recreated`: all are recreated too. `created`, `emptied`: only jobs are, because the data
 * they wrote is lost.
 */
type Effect = 'none' | 'recreated' | 'created' | 'emptied';

export interface Comparison {
  readonly service: Service;
  readonly workload: Workload;
  /** The service's replicas as they run now. */
  readonly replicas: readonly Observed[];
  readonly recreatedBy: string | null;
  readonly staysStopped: boolean;
}

/** The decision of the first rule that applies. */
export const decide = (comparison: Comparison): Decision =>
  rules.map((rule) => rule(comparison)).find((decision) => decision !== null) ?? reuse(comparison, 'unchanged');

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

/** Replicas from an interrupted `up` or another version of envctl are never reused. */
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

export const completedCause = 'already completed';

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
