import { factNames } from '../connect.js';
import type { Environment, Json, Position, Service } from '../environment.js';
import { EnvctlError, suggest } from '../errors.js';
import { type Reference, referencesIn, reservedOwners } from '../references.js';

/** Every reference names a fact its service has. Throws REFERENCE_DANGLING at the service or export it stands in. */
export function checkReferences(services: readonly Service[], exports: Environment['exports'], exportPosition: (name: string) => Position): void {
  const byName = new Map(services.map((service) => [service.name, service]));
  const owners = [...byName.keys(), ...reservedOwners];
  for (const service of services) {
    const places = [service.compose, service.process, service.gate?.probes ?? null, service.seed.steps] as unknown as readonly Json[];
    for (const reference of referencesIn(places, { owners, at: service.position })) checkFact(reference, byName, service.position);
  }
  for (const [name, text] of Object.entries(exports)) {
    for (const reference of referencesIn(text, { owners, at: exportPosition(name) })) checkFact(reference, byName, exportPosition(name));
  }
}

function checkFact(reference: Reference, byName: ReadonlyMap<string, Service>, position: Position): void {
  if (reference.owner === 'at') return;
  const service = byName.get(reference.owner);
  const path = reference.path[0] === 'inside' || reference.path[0] === 'outside' ? reference.path.slice(1) : reference.path;
  const known = service ? factNames(service) : [];
  const first = path[0] ?? '';
  if (service && known.includes(first) && goodRest(service, path)) return;
  const name = `\${${[reference.owner, ...reference.path].join('.')}}`;
  const why = service ? `"${name}" names nothing that "${reference.owner}" has` : `"${name}" has no meaning here`;
  throw new EnvctlError('REFERENCE_DANGLING', why, { hint: hintFor(service, first, known), position });
}

function goodRest(service: Service, [first = '', ...rest]: readonly string[]): boolean {
  if (first === 'env') return rest.length === 1 && (rest[0] ?? '') in service.connection.env;
  if (first in service.ports && first !== 'main' && !(first in service.parameters)) return rest.length === 1 && ['url', 'host', 'port'].includes(rest[0] ?? '');
  return rest.length === 0;
}

function hintFor(service: Service | undefined, first: string, known: readonly string[]): string {
  if (!service) return '`with` belongs to services with a template; `at` to their connection.';
  if ((first === 'url' || first === 'port') && Object.keys(service.ports).length === 0) return `Say where "${service.name}" listens: port: 8000.`;
  return suggest(first, known);
}
