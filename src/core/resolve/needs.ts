/**
 * Who waits for what. Three nodes per service: start → gate → seeded.
 * A reference is a dependency too; `inside` and `outside` name an address and order nothing.
 */
import type { Json, JsonMap, Need, Position, Seeding, Service, SeedStep } from '../environment.js';
import { EnvctlError, suggest } from '../errors.js';
import { order, reachable } from '../graph.js';
import { type Reference, referencesIn, reservedOwners } from '../references.js';
import { isMap } from './merge.js';

type Draft = Omit<Service, 'needs'> & { readonly dependsOn: Json | undefined; readonly notices: readonly string[] };

/** Adds each service's needs. Throws REFERENCE_DANGLING for names that do not exist, CYCLE for rings. */
export function addNeeds(drafts: readonly Draft[]): readonly Service[] {
  const names = drafts.map((draft) => draft.name);
  const written = drafts.map((draft) => ({ draft, needs: writtenNeeds(draft, names) }));
  const needsOf = new Map(written.map(({ draft, needs }) => [draft.name, needs]));
  const byName = new Map(drafts.map((draft) => [draft.name, draft]));
  const seedNeeds = new Map(drafts.map((draft) => [draft.name, seedAfter(draft.seed, draft.name, names)]));
  const helpers = new Map(names.map((name) => [name, helpersOf(name, { needsOf, seedNeeds })]));
  const services = written.map(({ draft, needs }) => {
    const { dependsOn: _, notices: __, ...service } = draft;
    const softened = needs.map((need) => (need.step === 'seeded' && helpers.get(need.service)?.has(draft.name) ? { ...need, step: 'gate' as const } : need));
    const jobs = softened.map((need) => (need.step === 'seeded' && byName.get(need.service)?.once === 'yes' ? { ...need, step: 'gate' as const } : need));
    return { ...service, seed: { ...draft.seed, after: seedNeeds.get(draft.name) ?? [] }, needs: jobs };
  });
  return services;
}

/** Services in start order. Throws CYCLE, printing the kinds of node on the ring. */
export function inStartOrder(services: readonly Service[]): readonly Service[] {
  const byName = new Map(services.map((service) => [service.name, service]));
  const nodes = services.flatMap(({ name }) => [`${name}.start`, `${name}.gate`, `${name}.seeded`]);
  const { sorted, cycle } = order(nodes, (node) => nodeAfter(node, byName));
  if (cycle) throw cycleError(cycle, byName);
  return sorted.filter((node) => node.endsWith('.start')).flatMap((node) => byName.get(node.slice(0, -'.start'.length)) ?? []);
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
  return new EnvctlError('CYCLE', `these wait for each other: ${cycle.join(' → ')}`, {
    hint: 'Where only the address is needed, write ${service.inside.url} (or outside), which orders nothing; or drop one depends_on.',
    ...(service ? { position: service.position } : {}),
  });
}

/** Services that the seeds of `name` need, directly or not: they can only wait for its gate. */
function helpersOf(name: string, known: { needsOf: ReadonlyMap<string, readonly Need[]>; seedNeeds: ReadonlyMap<string, readonly string[]> }): ReadonlySet<string> {
  const first = known.seedNeeds.get(name) ?? [];
  const rest = reachable(first, (node) => (known.needsOf.get(node) ?? []).map((need) => need.service).filter((other) => other !== name));
  return new Set([...first, ...rest]);
}

function seedAfter(seed: Seeding, name: string, names: readonly string[]): readonly string[] {
  const named = seed.steps.flatMap((step) => [...(step.kind === 'exec' ? [step.service] : []), ...referenced(step, names).map((reference) => reference.owner)]);
  return [...new Set([...seed.after, ...named])].filter((other) => other !== name);
}

function referenced(step: SeedStep, names: readonly string[]): readonly Reference[] {
  const { position, ...rest } = step;
  return referencesIn(rest as unknown as Json, { owners: [...names, ...reservedOwners], at: position });
}

function writtenNeeds(draft: Draft, names: readonly string[]): readonly Need[] {
  const found = [...dependsOn(draft, names), ...shared(draft, names), ...implied(draft, names)].filter((need) => need.service !== draft.name);
  const strongest = new Map<string, Need>();
  for (const need of found) strongest.set(`${need.service}.${need.step}`, strongest.get(`${need.service}.${need.step}`) ?? need);
  return [...strongest.values()];
}

const stepOf: Readonly<Record<string, Need['step']>> = {
  service_started: 'start',
  service_healthy: 'seeded',
  service_completed_successfully: 'gate',
  default: 'seeded',
};

function dependsOn(draft: Draft, names: readonly string[]): readonly Need[] {
  if (!isMap(draft.dependsOn)) return [];
  return Object.entries(draft.dependsOn).flatMap(([service, value]) => {
    const condition = isMap(value) && typeof value.condition === 'string' ? value.condition : 'default';
    if (!names.includes(service)) {
      if (isMap(value) && value.required === false) return [];
      throw dangling(service, names, draft.position, 'depends_on');
    }
    const step = stepOf[condition];
    if (step === undefined) throw unknownCondition(condition, draft.position);
    return [{ service, step, cause: 'depends_on' }];
  });
}

/** Namespaces, volumes and links of another service exist once it has started. */
function shared(draft: Draft, names: readonly string[]): readonly Need[] {
  const compose: JsonMap = draft.compose;
  const modes = ['network_mode', 'ipc', 'pid'].flatMap((key) => {
    const match = /^service:(.+)$/.exec(String(compose[key] ?? ''));
    return match?.[1] ? [{ service: match[1], cause: key }] : [];
  });
  const volumes = list(compose.volumes_from).filter((entry) => !entry.startsWith('container:'));
  const named = [...modes, ...volumes.map((entry) => ({ service: entry.split(':')[0] ?? '', cause: 'volumes_from' })), ...list(compose.links).map((entry) => ({ service: entry.split(':')[0] ?? '', cause: 'links' }))];
  for (const { service, cause } of named) if (!names.includes(service)) throw dangling(service, names, draft.position, cause);
  return named.map(({ service, cause }) => ({ service, step: 'start', cause }));
}

const list = (value: Json | undefined): readonly string[] => (Array.isArray(value) ? value.map(String) : []);

/** Short references: `${db.url}`. */
function implied(draft: Draft, names: readonly string[]): readonly Need[] {
  const grammar = { owners: [...names, ...reservedOwners], at: draft.position };
  const places = [draft.compose, draft.process ?? null, draft.gate?.probes ?? null] as unknown as readonly Json[];
  return referencesIn(places, grammar)
    .filter((reference) => reference.path[0] !== 'inside' && reference.path[0] !== 'outside' && names.includes(reference.owner))
    .map((reference) => ({ service: reference.owner, step: 'seeded', cause: `\${${reference.owner}.${reference.path.join('.')}}` }));
}

function dangling(name: string, known: readonly string[], position: Position, where: string): EnvctlError {
  return new EnvctlError('REFERENCE_DANGLING', `${where} names a service "${name}" that this profile does not have`, { hint: suggest(name, known), position });
}

function unknownCondition(condition: string, position: Position): EnvctlError {
  return new EnvctlError('PROFILE_INVALID', `"${condition}" is not a condition of depends_on`, {
    hint: suggest(condition, Object.keys(stepOf).filter((name) => name !== 'default')),
    position,
  });
}
