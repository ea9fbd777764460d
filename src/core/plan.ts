/** What `up` will do, as data: pure, printable, comparable. The runner carries it out and decides nothing. */
import type { Observed, Prepared, Workload } from './contracts.js';
import type { Need, Service } from './environment.js';

export type PlanNode = { readonly id: string; readonly cause: string; readonly after: readonly string[] } & (
  | { readonly step: 'remove'; readonly service: string /** Replicas above this number go. */; readonly above: number }
  /** Makes all workloads that are to be started. */
  | { readonly step: 'create'; readonly service: null; readonly services: readonly string[] }
  | { readonly step: 'start'; readonly service: string }
  | { readonly step: 'keep'; readonly service: string }
  | { readonly step: 'gate'; readonly service: string }
  | { readonly step: 'seed'; readonly service: string }
  /** Every gate once more, before anything is called ready. */
  | { readonly step: 'sweep'; readonly service: null }
);

export interface Plan {
  readonly instance: string;
  readonly nodes: readonly PlanNode[];
}

export interface PlanOptions {
  /** A full `up` also removes services that the profile no longer has. */
  readonly removeUndeclared: 'yes' | 'no';
}

/** Compares what is meant with what runs. Unchanged is kept, changed is recreated with those that need it. */
export function planUp(prepared: Prepared, observed: readonly Observed[], options: PlanOptions): Plan {
  const decisions = decide(prepared, observed);
  const orphans = options.removeUndeclared === 'yes' ? undeclared(prepared, observed) : [];
  const removes = [...removeNodes(decisions), ...orphans.map((service) => removeNode(service, 0, 'no longer in the profile'))];
  const created = [...decisions.values()].filter((decision) => decision.create);
  const create = created.length > 0 ? [createNode(created, removes)] : [];
  const seeded = new Set(prepared.environment.services.filter((service) => service.seed.steps.length > 0).map((service) => service.name));
  const services = prepared.environment.services.flatMap((service) => serviceNodes(service, { decisions, seeded }));
  const last = services.filter((node) => node.step === 'gate' || node.step === 'seed').map((node) => node.id);
  return {
    instance: prepared.environment.id,
    nodes: [...removes, ...create, ...services, { id: 'sweep', step: 'sweep', service: null, cause: 'all gates once more', after: last }],
  };
}

/** One line a node: `start db (not running) after create`. */
export function renderPlan(plan: Plan): string {
  return plan.nodes.map(renderNode).join('\n');
}

function renderNode(node: PlanNode): string {
  const after = node.step === 'sweep' ? ' after everything' : node.after.length > 0 ? ` after ${node.after.join(', ')}` : '';
  return `${node.step}${node.service === null ? '' : ` ${node.service}`} (${node.cause})${after}`;
}

/** Whether carrying the plan out would change anything. */
export const changesAnything = (plan: Plan): boolean =>
  plan.nodes.some((node) => node.step === 'remove' || node.step === 'create' || node.step === 'start');

interface Decision {
  readonly workload: Workload;
  readonly step: 'start' | 'keep';
  readonly cause: string;
  readonly create: boolean;
  /** Running replicas that must go first; null: none. */
  readonly removeAbove: number | null;
  /** Whether those that need it must follow: `jobs` alone where it is new or lost what was in memory, and what they did to it is gone. */
  readonly renews: 'all' | 'jobs' | 'none';
}

/** In start order, so that what a service needs has been decided before it. */
function decide({ environment, workloads }: Prepared, observed: readonly Observed[]): ReadonlyMap<string, Decision> {
  const decisions = new Map<string, Decision>();
  const workloadOf = new Map(workloads.map((workload) => [workload.service, workload]));
  for (const service of environment.services) {
    const workload = workloadOf.get(service.name) as Workload;
    const seen = observed.filter((one) => one.service === service.name);
    const renewing = (need: Need): boolean =>
      (service.once === 'no' ? ['all'] : ['all', 'jobs']).includes(decisions.get(need.service)?.renews ?? 'none');
    decisions.set(service.name, decideOne({ service, workload, seen, renewed: service.needs.find(renewing)?.service ?? null }));
  }
  return decisions;
}

interface Question {
  readonly service: Service;
  readonly workload: Workload;
  readonly seen: readonly Observed[];
  readonly renewed: string | null;
}

function decideOne({ service, workload, seen, renewed }: Question): Decision {
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
  return service.once === 'yes' ? decideJob(workload, seen, fresh) : decideRunning(service, workload, seen);
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

function undeclared({ environment }: Prepared, observed: readonly Observed[]): readonly string[] {
  return [...new Set(observed.map((one) => one.service))].filter((service) => !environment.declared.includes(service)).sort();
}

function removeNodes(decisions: ReadonlyMap<string, Decision>): readonly PlanNode[] {
  return [...decisions].flatMap(([service, { removeAbove, cause }]) =>
    removeAbove === null ? [] : [removeNode(service, removeAbove, removeAbove === 0 ? cause : 'fewer wanted')],
  );
}

const removeNode = (service: string, above: number, cause: string): PlanNode => ({
  id: `remove:${service}`,
  step: 'remove',
  service,
  above,
  cause,
  after: [],
});

function createNode(created: readonly Decision[], removes: readonly PlanNode[]): PlanNode {
  return {
    id: 'create',
    step: 'create',
    service: null,
    services: created.map((one) => one.workload.service),
    cause: `${created.length} to make`,
    after: removes.map((node) => node.id),
  };
}

interface NodeContext {
  readonly decisions: ReadonlyMap<string, Decision>;
  /** Services that have seeds. */
  readonly seeded: ReadonlySet<string>;
}

function serviceNodes(service: Service, { decisions, seeded }: NodeContext): readonly PlanNode[] {
  const { name } = service;
  const { step, cause, create } = decisions.get(name) as Decision;
  const nodeOf = (need: Need): string => {
    if (need.step === 'start') return `${decisions.get(need.service)?.step ?? 'start'}:${need.service}`;
    return need.step === 'seeded' && seeded.has(need.service) ? `seed:${need.service}` : `gate:${need.service}`;
  };
  const after = step === 'keep' ? [] : [...(create ? ['create'] : []), ...new Set(service.needs.map(nodeOf))];
  return [
    { id: `${step}:${name}`, step, service: name, cause, after },
    { id: `gate:${name}`, step: 'gate', service: name, cause: gateCause(service), after: [`${step}:${name}`] },
    ...(seeded.has(name) ? [seedNode(service)] : []),
  ];
}

function seedNode({ name, seed }: Service): PlanNode {
  const { length } = seed.steps;
  const after = [`gate:${name}`, ...seed.after.map((other) => `gate:${other}`)];
  return { id: `seed:${name}`, step: 'seed', service: name, cause: length === 1 ? '1 step' : `${length} steps`, after };
}

/** Names the probes: `postgres`, `healthcheck`, `running (not checked)`. */
function gateCause(service: Service): string {
  const names = (service.gate?.probes ?? []).map((probe) =>
    probe.kind === 'protocol'
      ? probe.protocol
      : probe.kind === 'running'
        ? 'running (not checked)'
        : probe.kind === 'exited'
          ? 'exit 0'
          : probe.kind,
  );
  return names.length > 0 ? names.join(' and ') : '(decided after pull)';
}
