/** Compares what is meant with what runs, service by service: unchanged is kept, changed is recreated with those that need it. */
import type { Existing, Observed, Prepared, Workload } from './contracts.js';
import type { Need, Service } from './environment.js';

export interface Decision {
  readonly workload: Workload;
  readonly step: 'start' | 'keep' | 'leave';
  readonly cause: string;
  readonly create: boolean;
  /** Running replicas that must go first; null: none. */
  readonly removeAbove: number | null;
  /** Whether those that need it must follow: `jobs` alone where it is new or lost what was in memory, and what they did to it is gone. */
  readonly renews: 'all' | 'jobs' | 'none';
}

/** By service, in start order, so that what a service needs has been decided before it. */
export function decide(
  { environment, workloads }: Prepared,
  observed: readonly Observed[],
  existing: Existing,
): ReadonlyMap<string, Decision> {
  const asItIs = existing === 'use' && observed.some(({ state }) => state === 'running');
  const decisions = new Map<string, Decision>();
  const workloadOf = new Map(workloads.map((workload) => [workload.service, workload]));
  for (const service of environment.services) {
    const workload = workloadOf.get(service.name) as Workload;
    const seen = observed.filter((one) => one.service === service.name);
    const heeded = isJob(service, seen) ? ['all', 'jobs'] : ['all'];
    const renewing = (need: Need): boolean => heeded.includes(decisions.get(need.service)?.renews ?? 'none');
    decisions.set(service.name, decideOne({ service, workload, seen, renewed: service.needs.find(renewing)?.service ?? null, asItIs }));
  }
  return decisions;
}

/** What an adopted service was taken for shows in how it ended. */
const isJob = ({ once }: Service, seen: readonly Observed[]): boolean =>
  once === 'yes' || (once === 'maybe' && seen.length > 0 && seen.every(({ state }) => state === 'exited'));

interface Question {
  readonly service: Service;
  readonly workload: Workload;
  readonly seen: readonly Observed[];
  readonly renewed: string | null;
  /** What was stopped stays so. */
  readonly asItIs: boolean;
}

function decideOne({ service, workload, seen, renewed, asItIs }: Question): Decision {
  const fresh = (cause: string, removeAbove: number | null): Decision => ({
    workload,
    step: 'start',
    cause,
    create: true,
    removeAbove,
    renews: removeAbove === null ? 'jobs' : 'all',
  });
  if (seen.length === 0) return workload.replicas === 0 ? keep(workload, 'none wanted') : fresh('not running', null);
  const half = seen.find((one) => one.state === 'created' || one.state === 'dead' || one.record === null);
  if (half) return fresh(half.record === null ? 'made by another version' : 'left half-made', 0);
  const change = seen.map((one) => changeOf(workload, one.fingerprint)).find((cause) => cause !== null);
  if (change) return fresh(change, 0);
  if (renewed !== null) return fresh(`${renewed} is renewed`, 0);
  if (service.once === 'yes') return decideJob(workload, seen, fresh);
  const decision = decideRunning(service, workload, seen);
  return asItIs && decision.step === 'start' && !decision.create ? { ...keep(workload, decision.cause), step: 'leave' } : decision;
}

const keep = (workload: Workload, cause: string): Decision => ({
  workload,
  step: 'keep',
  cause,
  create: false,
  removeAbove: null,
  renews: 'none',
});

/** A finished job is not run again while it and what it needs are unchanged. */
function decideJob(workload: Workload, seen: readonly Observed[], fresh: (cause: string, above: number | null) => Decision): Decision {
  const failed = seen.find((one) => one.state === 'exited' && one.exitCode !== 0);
  return failed ? fresh(`failed before (exit ${failed.exitCode ?? '?'})`, 0) : keep(workload, 'done before');
}

function decideRunning(service: Service, workload: Workload, seen: readonly Observed[]): Decision {
  const wanted = seen.filter((one) => one.replica <= workload.replicas);
  const base = { ...keep(workload, ''), removeAbove: wanted.length < seen.length ? workload.replicas : null };
  const missing = workload.replicas - new Set(wanted.map((one) => one.replica)).size;
  if (missing > 0) return { ...base, step: 'start', cause: `${missing} more of ${workload.replicas}`, create: true };
  const isDone = (one: Observed): boolean => service.once === 'maybe' && one.state === 'exited' && one.exitCode === 0;
  if (wanted.length > 0 && wanted.every(isDone)) return { ...base, cause: 'done before' };
  const stopped = wanted.find((one) => one.state !== 'running' && one.state !== 'restarting' && !isDone(one));
  if (!stopped) return { ...base, cause: workload.image?.id === '' ? 'unchanged, but for its image (decided after pull)' : 'unchanged' };
  const emptied = stopped.state !== 'paused' && workload.stores.some((store) => store.storage === 'memory');
  return { ...base, step: 'start', cause: stopped.state === 'paused' ? 'paused' : 'stopped', renews: emptied ? 'jobs' : 'none' };
}

const partsOfFingerprint = ['configuration changed', 'image changed', 'mounted files changed'] as const;

/** null: nothing changed, as far as is known; an image that is not here yet has no id to compare. */
function changeOf({ fingerprint, image }: Workload, found: string): string | null {
  const [now, then] = [fingerprint.split('-'), found.split('-')];
  const unknown = image?.id === '';
  return partsOfFingerprint.find((_, at) => now[at] !== then[at] && !(unknown && at === 1)) ?? null;
}
