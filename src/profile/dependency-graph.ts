/**
 * The dependency graph. Three nodes per service: start → gate → seeded.
 * A reference is a dependency too, except with `inside` or `outside`: those only read an address.
 */

import { EnvctlError } from '../model/errors.js';
import { reachable, topologicalOrder } from '../model/graph.js';
import type { Need, SeedKind, SeedStepOf, Service } from '../model/service.js';
import { writtenNeeds } from './declared-dependencies.js';
import { isSide, referencesIn } from './references/template-text.js';
import { declarationOf } from './seeds/kinds.js';
import type { ServiceDraft } from './service/service.js';

/** Adds each service's dependencies. Throws REFERENCE_DANGLING for unknown services. */
export function addNeeds(drafts: readonly ServiceDraft[]): readonly Service[] {
  const names = drafts.map((draft) => draft.name);
  const known: DependencyMaps = {
    needs: new Map(drafts.map((draft) => [draft.name, writtenNeeds(draft, names)])),
    after: new Map(drafts.map((draft) => [draft.name, seedAfter(draft, names)])),
  };
  const helpers = new Map(names.map((name) => [name, helpersOf(name, known)]));
  const soften = (name: string, need: Need): Need =>
    need.step === 'seeded' && helpers.get(need.service)?.has(name) ? { ...need, step: 'gate' } : need;
  return drafts.map(({ dependsOn: _, notices: __, at: ___, ...service }) => ({
    ...service,
    seed: { ...service.seed, after: known.after.get(service.name) ?? [] },
    needs: (known.needs.get(service.name) ?? []).map((need) => soften(service.name, need)),
  }));
}

/** Services in topological order. Throws CYCLE with the nodes of the cycle. */
export function inStartOrder(services: readonly Service[]): readonly Service[] {
  const byName = new Map(services.map((service) => [service.name, service]));
  const nodes = services.flatMap(({ name }) => [`${name}.start`, `${name}.gate`, `${name}.seeded`]);
  const { sorted, cycle } = topologicalOrder(nodes, (node) => nodeAfter(node, byName));
  if (cycle) throw cycleError(cycle, byName);
  return sorted
    .filter((node) => node.endsWith('.start'))
    .flatMap((node) => byName.get(node.slice(0, -'.start'.length)) ?? []);
}

function nodeAfter(node: string, byName: ReadonlyMap<string, Service>): readonly string[] {
  const dot = node.lastIndexOf('.');
  const [name, kind] = [node.slice(0, dot), node.slice(dot + 1)];
  const service = byName.get(name);
  if (!service) return [];
  if (kind === 'start') return service.needs.map((need) => `${need.service}.${need.step}`);
  if (kind === 'gate') return [`${name}.start`];
  return [`${name}.gate`, ...service.seed.after.map((other) => `${other}.gate`)];
}

function cycleError(cycle: readonly string[], byName: ReadonlyMap<string, Service>): EnvctlError {
  const first = cycle.find((node) => node.endsWith('.start')) ?? cycle[0] ?? '';
  const service = byName.get(first.slice(0, first.lastIndexOf('.')));
  return new EnvctlError('CYCLE', `Dependency cycle: ${cycle.join(' → ')}`, {
    hint: 'Read an address without a dependency (`${service.inside.url}`), or remove one `depends_on`.',
    ...(service ? { position: service.position } : {}),
  });
}

interface DependencyMaps {
  readonly needs: ReadonlyMap<string, readonly Need[]>;
  /** Services whose gates must be open before the seeds of a service run, by its name. */
  readonly after: ReadonlyMap<string, readonly string[]>;
}

/** Services that the seeds of `name` need, directly or not: these can only depend on its gate, not on its seeds. */
function helpersOf(name: string, { needs, after }: DependencyMaps): ReadonlySet<string> {
  const first = after.get(name) ?? [];
  const next = (node: string): readonly string[] =>
    (needs.get(node) ?? [])
      .flatMap((need) => [need.service, ...(need.step === 'seeded' ? (after.get(need.service) ?? []) : [])])
      .filter((other) => other !== name);
  return first.length === 0 ? new Set() : new Set([...first, ...reachable(first, next)]);
}

/** The services listed in `seed.after`, and those its steps run in or refer to. */
function seedAfter({ seed, name }: ServiceDraft, names: readonly string[]): readonly string[] {
  const named = seed.steps.flatMap((step) => [
    ...runsIn(step),
    ...referencesIn(step)
      .filter(({ reference: { owner, path } }) => names.includes(owner) && !isSide(path[0]))
      .map(({ reference }) => reference.owner),
  ]);
  return [...new Set([...seed.after, ...named])].filter((other) => other !== name);
}

function runsIn<K extends SeedKind>(step: SeedStepOf<K>): readonly string[] {
  const { runsIn } = declarationOf(step);
  return runsIn ? [runsIn(step)] : [];
}
