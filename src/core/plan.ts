/** What `up` will do, as data: pure, printable, comparable. The runner carries it out and decides nothing. */
import type { Observed, Prepared, Workload } from './contracts.js';
import type { Service } from './environment.js';

export type PlanNode = { readonly id: string; readonly cause: string; readonly after: readonly string[] } & (
  | { readonly step: 'remove'; readonly service: string; /** Replicas above this number go. */ readonly above: number }
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
  const services = prepared.environment.services.flatMap((service) => serviceNodes(service, { decisions, prepared, ready: [...removes, ...create].map((node) => node.id) }));
  const last = services.filter((node) => node.step === 'gate' || node.step === 'seed').map((node) => node.id);
  return { instance: prepared.environment.id, nodes: [...removes, ...create, ...services, { id: 'sweep', step: 'sweep', service: null, cause: 'all gates once more', after: last }] };
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
export const changesAnything = (plan: Plan): boolean => plan.nodes.some((node) => node.step === 'remove' || node.step === 'create' || node.step === 'start');

interface Decision {
  readonly workload: Workload;
  readonly step: 'start' | 'keep';
  readonly cause: string;
  readonly create: boolean;
  /** Running replicas that must go first; null: none. */
  readonly removeAbove: number | null;
  /** Whether those that need it must follow. */
  readonly renewed: boolean;
}

/** In start order, so that what a service needs has been decided before it. */
function decide({ environment, workloads }: Prepared, observed: readonly Observed[]): ReadonlyMap<string, Decision> {
  const decisions = new Map<string, Decision>();
  for (const service of environment.services) {
    const workload = workloads.find((one) => one.service === service.name) as Workload;
    const seen = observed.filter((one) => one.service === service.name);
    const renewed = service.needs.find((need) => decisions.get(need.service)?.renewed);
    decisions.set(service.name, decideOne({ service, workload, seen, renewed: renewed?.service ?? null }));
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
  const fresh = (cause: string, removeAbove: number | null): Decision => ({ workload, step: 'start', cause, create: true, removeAbove, renewed: removeAbove !== null });
  if (seen.length === 0) return fresh('not running', null);
  const half = seen.find((one) => one.state === 'created' || one.state === 'dead' || one.record === null);
  if (half) return fresh(half.record === null ? 'made by another version' : 'left half-made', 0);
  const change = changeOf(workload.fingerprint, seen[0]?.fingerprint ?? '');
  if (change) return fresh(change, 0);
  if (renewed !== null) return fresh(`${renewed} is renewed`, 0);
  if (service.once === 'yes') return decideJob(workload, seen, fresh);
  return decideRunning(workload, seen);
}

/** A finished job is not run again while it and what it needs are unchanged. */
function decideJob(workload: Workload, seen: readonly Observed[], fresh: (cause: string, above: number | null) => Decision): Decision {
  const failed = seen.find((one) => one.state === 'exited' && one.exitCode !== 0);
  if (failed) return fresh(`failed before (exit ${failed.exitCode ?? '?'})`, 0);
  return { workload, step: 'keep', cause: 'done before', create: false, removeAbove: null, renewed: false };
}

function decideRunning(workload: Workload, seen: readonly Observed[]): Decision {
  const replicas = new Set(seen.map((one) => one.replica));
  const extra = seen.some((one) => one.replica > workload.replicas) ? workload.replicas : null;
  const base = { workload, removeAbove: extra, renewed: false };
  const missing = workload.replicas - [...replicas].filter((replica) => replica <= workload.replicas).length;
  if (missing > 0) return { ...base, step: 'start', cause: `${missing} more of ${workload.replicas}`, create: true };
  const stopped = seen.filter((one) => one.replica <= workload.replicas).find((one) => one.state !== 'running' && one.state !== 'restarting');
  if (stopped && !(stopped.state === 'exited' && stopped.exitCode === 0 && stopped.record?.once === true)) return { ...base, step: 'start', cause: stopped.state === 'paused' ? 'paused' : 'stopped', create: false };
  return { ...base, step: 'keep', cause: 'unchanged', create: false };
}

function changeOf(wanted: string, found: string): string | null {
  const names = ['configuration changed', 'image changed', 'mounted files changed'];
  const [now, then] = [wanted.split('-'), found.split('-')];
  const index = now.findIndex((part, at) => part !== then[at]);
  return index < 0 ? null : (names[index] ?? 'changed');
}

function undeclared({ environment }: Prepared, observed: readonly Observed[]): readonly string[] {
  return [...new Set(observed.map((one) => one.service))].filter((service) => !environment.declared.includes(service)).sort();
}

function removeNodes(decisions: ReadonlyMap<string, Decision>): readonly PlanNode[] {
  return [...decisions].flatMap(([service, { removeAbove, cause }]) => (removeAbove === null ? [] : [removeNode(service, removeAbove, removeAbove === 0 ? cause : 'fewer wanted')]));
}

const removeNode = (service: string, above: number, cause: string): PlanNode => ({ id: `remove:${service}`, step: 'remove', service, above, cause, after: [] });

function createNode(created: readonly Decision[], removes: readonly PlanNode[]): PlanNode {
  return { id: 'create', step: 'create', service: null, services: created.map((one) => one.workload.service), cause: `${created.length} to make`, after: removes.map((node) => node.id) };
}

interface NodeContext {
  readonly decisions: ReadonlyMap<string, Decision>;
  readonly prepared: Prepared;
  /** Nodes that make room and workloads. */
  readonly ready: readonly string[];
}

function serviceNodes(service: Service, { decisions, prepared, ready }: NodeContext): readonly PlanNode[] {
  const decision = decisions.get(service.name) as Decision;
  const named = new Map(prepared.environment.services.map((one) => [one.name, one]));
  const lastOf = (name: string): string => ((named.get(name)?.seed.steps.length ?? 0) > 0 ? `seed:${name}` : `gate:${name}`);
  const startOf = (name: string): string => `${decisions.get(name)?.step ?? 'start'}:${name}`;
  const waits = service.needs.map((need) => (need.step === 'start' ? startOf(need.service) : need.step === 'gate' ? `gate:${need.service}` : lastOf(need.service)));
  const { step, cause } = decision;
  const after = step === 'keep' ? [] : [...(decision.create ? ready.filter((id) => id === 'create') : []), ...new Set(waits)];
  const nodes: PlanNode[] = [{ id: `${step}:${service.name}`, step, service: service.name, cause, after }];
  nodes.push({ id: `gate:${service.name}`, step: 'gate', service: service.name, cause: gateCause(service), after: [`${step}:${service.name}`] });
  if (service.seed.steps.length > 0) nodes.push({ id: `seed:${service.name}`, step: 'seed', service: service.name, cause: `${service.seed.steps.length} steps`, after: [`gate:${service.name}`, ...service.seed.after.map((name) => `gate:${name}`)] });
  return nodes;
}

/** Names the probes: `postgres`, `healthcheck`, `running (not checked)`. */
function gateCause(service: Service): string {
  const names = (service.gate?.probes ?? []).map((probe) => (probe.kind === 'protocol' ? probe.protocol : probe.kind === 'running' ? 'running (not checked)' : probe.kind === 'exited' ? 'exit 0' : probe.kind));
  return names.length > 0 ? names.join(' and ') : '(decided after pull)';
}
