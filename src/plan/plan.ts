/** Plans an `up`: compares the bound profile with what runs, and orders the steps. Pure. */
import { topologicalOrder } from '../model/graph.js';
import type { Observed } from '../model/observed.js';
import type { Plan, PlanNode } from '../model/plan.js';
import type { BoundService, Need } from '../model/service.js';
import type { Prepared } from '../model/workload.js';
import { probeName } from '../profile/probes/kinds.js';
import type { Decision } from './decide.js';
import { type ReconcileOptions, reconcile } from './reconcile.js';

export interface PlanOptions extends ReconcileOptions {
  readonly removeOrphans: boolean;
}

/**
 * Unchanged services are reused, changed ones recreated with those that need them. Of the nodes that can start, the
 * first listed one starts first.
 */
export function planUp(prepared: Prepared, observed: readonly Observed[], options: PlanOptions): Plan {
  const decisions = reconcile(prepared, observed, options);
  const { services, id } = prepared.environment;
  const orphans = options.removeOrphans ? orphansOf(prepared, observed) : [];
  const removes = [
    ...removeNodes(decisions),
    ...orphans.map((service) => removeNode(service, 0, 'no longer in the profile')),
  ];
  const created = [...decisions.values()].filter((decision) => decision.create);
  const create = created.length > 0 ? [createNode(created, removes)] : [];
  const seeded = new Set(services.filter((service) => service.seed.steps.length > 0).map((service) => service.name));
  const groups = longestChainFirst(services.map((service) => serviceNodes(service, { decisions, seeded })));
  return { instance: id, nodes: [...removes, ...create, ...groups.flat(), recheckNode(groups.flat())] };
}

/** One line per node: `start db (not running) after create`. */
export function renderPlan(plan: Plan): string {
  return plan.nodes.map(renderNode).join('\n');
}

function renderNode(node: PlanNode): string {
  const after =
    node.step === 'recheck' ? ' after everything' : node.after.length > 0 ? ` after ${node.after.join(', ')}` : '';
  return `${node.step}${node.service === null ? '' : ` ${node.service}`} (${node.cause})${after}`;
}

/** Whether executing the plan would change anything. */
export const changesAnything = (plan: Plan): boolean =>
  plan.nodes.some((node) => node.step === 'remove' || node.step === 'create' || node.step === 'start');

/** Services that run but are no longer in the profile. */
function orphansOf({ environment }: Prepared, observed: readonly Observed[]): readonly string[] {
  return [...new Set(observed.map((replica) => replica.service))]
    .filter((service) => !environment.declared.includes(service))
    .sort();
}

function removeNodes(decisions: ReadonlyMap<string, Decision>): readonly PlanNode[] {
  return [...decisions].flatMap(([service, { keepReplicas, cause, create }]) =>
    keepReplicas === null
      ? []
      : [removeNode(service, keepReplicas, create && keepReplicas === 0 ? cause : 'scaled down')],
  );
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
    services: created.map((decision) => decision.workload.service),
    cause: created.length === 1 ? '1 service' : `${created.length} services`,
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
  const skipped = (other: string): boolean => decisions.get(other)?.step === 'skip';
  const gateOf = (other: string): string => `${skipped(other) ? 'skip' : 'gate'}:${other}`;
  if (step === 'skip') return [{ id: `skip:${name}`, step, service: name, cause, after: [] }];
  const nodeOf = (need: Need): string => {
    if (need.step === 'start') return `${decisions.get(need.service)?.step ?? 'start'}:${need.service}`;
    return need.step === 'seeded' && seeded.has(need.service) && !skipped(need.service)
      ? `seed:${need.service}`
      : gateOf(need.service);
  };
  const after = step === 'reuse' ? [] : [...(create ? ['create'] : []), ...new Set(service.needs.map(nodeOf))];
  return [
    { id: `${step}:${name}`, step, service: name, cause, after },
    { id: `gate:${name}`, step: 'gate', service: name, cause: probeNames(service), after: [`${step}:${name}`] },
    ...(seeded.has(name) ? [seedNode(service, gateOf)] : []),
  ];
}

function seedNode({ name, seed }: BoundService, gateOf: (service: string) => string): PlanNode {
  const { length } = seed.steps;
  const after = [`gate:${name}`, ...seed.after.map(gateOf)];
  return { id: `seed:${name}`, step: 'seed', service: name, cause: length === 1 ? '1 step' : `${length} steps`, after };
}

const probeNames = ({ gate }: BoundService): string => gate.probes.map(probeName).join(' and ');

function recheckNode(nodes: readonly PlanNode[]): PlanNode {
  return {
    id: 'recheck',
    step: 'recheck',
    service: null,
    services: nodes.flatMap((node) => (node.step === 'gate' ? [node.service] : [])),
    cause: 'final readiness check',
    after: nodes.filter((node) => node.step === 'gate' || node.step === 'seed').map((node) => node.id),
  };
}

/** Among services that could start at the same time, the one with the longest chain of dependents comes first. */
function longestChainFirst(groups: readonly (readonly PlanNode[])[]): readonly (readonly PlanNode[])[] {
  const nodes = new Map(groups.flat().map((node) => [node.id, node]));
  const following = new Map<string, number>();
  const { sorted } = topologicalOrder([...nodes.keys()], (id) => nodes.get(id)?.after ?? []);
  for (const id of sorted.toReversed())
    for (const before of nodes.get(id)?.after ?? [])
      following.set(before, Math.max(following.get(before) ?? 0, (following.get(id) ?? 0) + 1));
  const length = (group: readonly PlanNode[]): number => following.get(group[0]?.id ?? '') ?? 0;
  return groups.toSorted((a, b) => length(b) - length(a));
}
