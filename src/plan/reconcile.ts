/** Compares what is meant with what runs, service by service: unchanged is kept, changed is recreated with those that need it. */

import { reachable } from '../model/graph.js';
import type { Observed } from '../model/observed.js';
import type { Need, Service } from '../model/service.js';
import type { Prepared, Workload } from '../model/workload.js';

/**
 * What `up` makes of an instance that is there: `restore` what it should be, or `use` it as it is, where what was stopped stays stopped, seeds that
 * were put in are not looked for again, nothing that holds data is made anew, and services that the profile no longer has run on.
 * Other changes of the profile are carried out either way.
 */
export type ReusePolicy = 'reconcile' | 'as-is';

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

export interface ReconcileOptions {
  readonly reuse: ReusePolicy;
  /** Services that were asked for by name: they are started in any case. */
  readonly named: readonly string[];
}

/** By service, in start order. */
export function reconcile(
  prepared: Prepared,
  observed: readonly Observed[],
  manner: ReconcileOptions,
): ReadonlyMap<string, Decision> {
  const { services } = prepared.environment;
  const needs = new Map(services.map((service) => [service.name, service.needs.map((need) => need.service)]));
  for (let left = toLeave(prepared, observed, manner); ; ) {
    const decisions = decideAll(prepared, observed, left);
    const started = services.map(({ name }) => name).filter((name) => decisions.get(name)?.step === 'start');
    const needed = reachable([...started, ...manner.named], (name) => needs.get(name) ?? []);
    const stay = left.filter((name) => !needed.has(name));
    if (stay.length === left.length) return withDependents(services, decisions);
    left = stay;
  }
}

/** What somebody stopped, where an instance that runs is to be used as it is. */
function toLeave(
  { environment, workloads }: Prepared,
  observed: readonly Observed[],
  { reuse, named }: ReconcileOptions,
): readonly string[] {
  const mine = observed.filter((seen) => workloads.some(({ service }) => service === seen.service));
  if (reuse === 'reconcile' || !mine.some(({ state }) => state === 'running')) return [];
  return environment.services
    .filter(({ name, once }) => once !== 'yes' && !named.includes(name))
    .map(({ name }) => name)
    .filter((name) => {
      const seen = mine.filter(({ service }) => service === name);
      return seen.length > 0 && seen.every(wasStopped);
    });
}

/** Ended well, or by SIGINT, SIGKILL or SIGTERM, as stopping does; a crash is nothing to leave. */
export const wasStopped = ({ state, exitCode, oomKilled }: Observed): boolean =>
  state === 'paused' || (state === 'exited' && !oomKilled && [0, 130, 137, 143].includes(exitCode ?? 1));

/** What runs and needs what is stopped has no answer to give, and is left as well. */
function withDependents(
  services: readonly Service[],
  decisions: ReadonlyMap<string, Decision>,
): ReadonlyMap<string, Decision> {
  const result = new Map(decisions);
  for (const { name, needs } of services) {
    const decision = result.get(name) as Decision;
    const missing = needs.find((need) => result.get(need.service)?.step === 'leave')?.service;
    if (missing === undefined || decision.step !== 'keep' || decision.cause === doneBefore) continue;
    result.set(name, {
      ...decision,
      step: 'leave',
      cause: `needs ${missing}, which is ${decisions.get(missing)?.cause ?? 'left'}`,
    });
  }
  return result;
}

/** What a service needs has been decided before it. */
function decideAll(
  { environment, workloads }: Prepared,
  observed: readonly Observed[],
  left: readonly string[],
): ReadonlyMap<string, Decision> {
  const decisions = new Map<string, Decision>();
  const workloadOf = new Map(workloads.map((workload) => [workload.service, workload]));
  for (const service of environment.services) {
    const workload = workloadOf.get(service.name) as Workload;
    const seen = observed.filter((one) => one.service === service.name);
    const heeded = isJob(service, seen) ? ['all', 'jobs'] : ['all'];
    const renewing = (need: Need): boolean => heeded.includes(decisions.get(need.service)?.renews ?? 'none');
    const renewed = service.needs.find(renewing)?.service ?? null;
    decisions.set(service.name, decideOne({ service, workload, seen, renewed, left: left.includes(service.name) }));
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
  /** Where it is stopped, it stays so. */
  readonly left: boolean;
}

function decideOne({ service, workload, seen, renewed, left }: Question): Decision {
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
  return left && decision.step === 'start' && !decision.create
    ? { ...decision, step: 'leave', renews: 'none' }
    : decision;
}

const doneBefore = 'done before';

const keep = (workload: Workload, cause: string): Decision => ({
  workload,
  step: 'keep',
  cause,
  create: false,
  removeAbove: null,
  renews: 'none',
});

/** A finished job is not run again while it and what it needs are unchanged. */
function decideJob(
  workload: Workload,
  seen: readonly Observed[],
  fresh: (cause: string, above: number | null) => Decision,
): Decision {
  const failed = seen.find((one) => one.state === 'exited' && one.exitCode !== 0);
  return failed ? fresh(`failed before (exit ${failed.exitCode ?? '?'})`, 0) : keep(workload, doneBefore);
}

function decideRunning(service: Service, workload: Workload, seen: readonly Observed[]): Decision {
  const wanted = seen.filter((one) => one.replica <= workload.replicas);
  const base = { ...keep(workload, ''), removeAbove: wanted.length < seen.length ? workload.replicas : null };
  const missing = workload.replicas - new Set(wanted.map((one) => one.replica)).size;
  if (missing > 0) return { ...base, step: 'start', cause: `${missing} more of ${workload.replicas}`, create: true };
  const isDone = (one: Observed): boolean => service.once === 'maybe' && one.state === 'exited' && one.exitCode === 0;
  if (wanted.length > 0 && wanted.every(isDone)) return { ...base, cause: doneBefore };
  const stopped = wanted.find((one) => one.state !== 'running' && one.state !== 'restarting' && !isDone(one));
  if (!stopped)
    return {
      ...base,
      cause: workload.image?.id === '' ? 'unchanged, but for its image (decided after pull)' : 'unchanged',
    };
  const emptied = stopped.state !== 'paused' && workload.stores.some((store) => store.storage === 'memory');
  return {
    ...base,
    step: 'start',
    cause: stopped.state === 'paused' ? 'paused' : 'stopped',
    renews: emptied ? 'jobs' : 'none',
  };
}

const partsOfFingerprint = ['configuration changed', 'image changed', 'mounted files changed'] as const;

/** null: nothing changed, as far as is known; an image that is not here yet has no id to compare. */
function changeOf({ fingerprint, image }: Workload, found: string): string | null {
  const [now, then] = [fingerprint.split('-'), found.split('-')];
  const unknown = image?.id === '';
  return partsOfFingerprint.find((_, at) => now[at] !== then[at] && !(unknown && at === 1)) ?? null;
}
