/** What `up` will do, as data: pure, printable, comparable. The runner carries it out and decides nothing. */

import { order } from '../model/graph.js';
import type { Observed } from '../model/observed.js';
import type { BoundService, Need, Service } from '../model/service.js';
import type { Prepared } from '../model/workload.js';
import { type Decision, type ReconcileOptions, reconcile } from './reconcile.js';

export type PlanNode = {
  readonly id: string;
  readonly cause: string;
  readonly after: readonly string[];
} /** Removes the replicas numbered above `keepReplicas`. */ & (
  | { readonly step: 'remove'; readonly service: string; readonly keepReplicas: number }
  /** Makes all workloads that are to be started. */
  | { readonly step: 'create'; readonly service: null; readonly services: readonly string[] }
  | { readonly step: 'start'; readonly service: string }
  | { readonly step: 'keep'; readonly service: string }
  /** Somebody stopped it or what it needs; it is neither started nor asked. */
  | { readonly step: 'leave'; readonly service: string }
  | { readonly step: 'gate'; readonly service: string }
  | { readonly step: 'seed'; readonly service: string }
  /** Every gate once more, before anything is called ready. */
  | { readonly step: 'sweep'; readonly service: null; readonly services: readonly string[] }
);

export interface Plan {
  readonly instance: string;
  readonly nodes: readonly PlanNode[];
}

export interface PlanOptions extends ReconcileOptions {
  readonly removeOrphans: boolean;
}

/** Compares what is meant with what runs. Unchanged is kept, changed is recreated with those that need it. What is listed first is begun first. */
export function planUp(prepared: Prepared, observed: readonly Observed[], options: PlanOptions): Plan {
  const decisions = reconcile(prepared, observed, options);
  const orphans = options.removeOrphans ? orphansOf(prepared, observed) : [];
  const removes = [
    ...removeNodes(decisions),
    ...orphans.map((service) => removeNode(service, 0, 'no longer in the profile')),
  ];
  const created = [...decisions.values()].filter((decision) => decision.create);
  const create = created.length > 0 ? [createNode(created, removes)] : [];
  const seeded = new Set(
    prepared.environment.services.filter((service) => service.seed.steps.length > 0).map((service) => service.name),
  );
  const groups = prepared.environment.services.map((service) => serviceNodes(service, { decisions, seeded }));
  const services = longestChainFirst(groups).flat();
  const last = services.filter((node) => node.step === 'gate' || node.step === 'seed').map((node) => node.id);
  const asked = services.flatMap((node) => (node.step === 'gate' ? [node.service] : []));
  return {
    instance: prepared.environment.id,
    nodes: [
      ...removes,
      ...create,
      ...services,
      { id: 'sweep', step: 'sweep', service: null, services: asked, cause: 'all gates once more', after: last },
    ],
  };
}

/** One line a node: `start db (not running) after create`. */
export function renderPlan(plan: Plan): string {
  return plan.nodes.map(renderNode).join('\n');
}

function renderNode(node: PlanNode): string {
  const after =
    node.step === 'sweep' ? ' after everything' : node.after.length > 0 ? ` after ${node.after.join(', ')}` : '';
  return `${node.step}${node.service === null ? '' : ` ${node.service}`} (${node.cause})${after}`;
}

/** Whether carrying the plan out would change anything. */
export const changesAnything = (plan: Plan): boolean =>
  plan.nodes.some((node) => node.step === 'remove' || node.step === 'create' || node.step === 'start');

/** Services that run but are no longer in the profile. */
function orphansOf({ environment }: Prepared, observed: readonly Observed[]): readonly string[] {
  return [...new Set(observed.map((one) => one.service))]
    .filter((service) => !environment.declared.includes(service))
    .sort();
}

function removeNodes(decisions: ReadonlyMap<string, Decision>): readonly PlanNode[] {
  return [...decisions].flatMap(([service, { removeAbove, cause, create }]) =>
    removeAbove === null
      ? []
      : [removeNode(service, removeAbove, create && removeAbove === 0 ? cause : 'fewer wanted')],
  );
}

/** Of what could begin at the same time, that comes first which most has to follow. */
function longestChainFirst(groups: readonly (readonly PlanNode[])[]): readonly (readonly PlanNode[])[] {
  const nodes = new Map(groups.flat().map((node) => [node.id, node]));
  const following = new Map<string, number>();
  const { sorted } = order([...nodes.keys()], (id) => nodes.get(id)?.after ?? []);
  for (const id of sorted.toReversed())
    for (const before of nodes.get(id)?.after ?? [])
      following.set(before, Math.max(following.get(before) ?? 0, (following.get(id) ?? 0) + 1));
  const length = (group: readonly PlanNode[]): number => following.get(group[0]?.id ?? '') ?? 0;
  return groups.toSorted((a, b) => length(b) - length(a));
}

const removeNode = (service: string, keepReplicas: number, cause: string): PlanNode => ({
  id: `remove:${service}`,
  step: 'remove',
  service,
  keepReplicas,
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

function serviceNodes(service: BoundService, { decisions, seeded }: NodeContext): readonly PlanNode[] {
  const { name } = service;
  const { step, cause, create } = decisions.get(name) as Decision;
  const left = (other: string): boolean => decisions.get(other)?.step === 'leave';
  const gateOf = (other: string): string => `${left(other) ? 'leave' : 'gate'}:${other}`;
  if (left(name)) return [{ id: `leave:${name}`, step: 'leave', service: name, cause, after: [] }];
  const nodeOf = (need: Need): string => {
    if (need.step === 'start') return `${decisions.get(need.service)?.step ?? 'start'}:${need.service}`;
    return need.step === 'seeded' && seeded.has(need.service) && !left(need.service)
      ? `seed:${need.service}`
      : gateOf(need.service);
  };
  const after = step === 'keep' ? [] : [...(create ? ['create'] : []), ...new Set(service.needs.map(nodeOf))];
  return [
    { id: `${step}:${name}`, step, service: name, cause, after },
    { id: `gate:${name}`, step: 'gate', service: name, cause: gateCause(service), after: [`${step}:${name}`] },
    ...(seeded.has(name) ? [seedNode(service, gateOf)] : []),
  ];
}

function seedNode({ name, seed }: Service, gateOf: (service: string) => string): PlanNode {
  const { length } = seed.steps;
  const after = [`gate:${name}`, ...seed.after.map(gateOf)];
  return { id: `seed:${name}`, step: 'seed', service: name, cause: length === 1 ? '1 step' : `${length} steps`, after };
}

/** Names the probes: `postgres`, `healthcheck`, `running (not checked)`. */
function gateCause(service: BoundService): string {
  const names = service.gate.probes.map((probe) =>
    probe.kind === 'protocol'
      ? probe.protocol
      : probe.kind === 'running'
        ? 'running (not checked)'
        : probe.kind === 'exited'
          ? 'exit 0'
          : probe.kind,
  );
  return names.join(' and ');
}
