import { connectionPropertyNames } from '../../model/connection.js';
import type { Environment } from '../../model/environment.js';
import { EnvctlError, suggest } from '../../model/errors.js';
import type { Service } from '../../model/service.js';
import { referenceText } from './grammar.js';
import { isSide, type LocatedReference, referencesIn } from './template-text.js';

/** Checks that every reference names a property its service has. Throws REFERENCE_DANGLING at the text that holds it. */
export function checkReferences(services: readonly Service[], exports: Environment['exports']): void {
  const byName = new Map(services.map((service) => [service.name, service]));
  for (const service of services) {
    const { compose, process, gate, seed } = service;
    for (const found of referencesIn([compose, process, gate.probes, seed.steps]))
      checkReference(found, byName, service);
  }
  for (const found of referencesIn(exports)) checkReference(found, byName, null);
}

/** `own` is the service whose text holds the reference; null: an export. */
function checkReference(
  { reference, position }: LocatedReference,
  byName: ReadonlyMap<string, Service>,
  own: Service | null,
): void {
  if (reference.owner === 'at' && own !== null && ['host', 'port'].includes(reference.path.join('.'))) return;
  const service = byName.get(reference.owner);
  const path = isSide(reference.path[0]) ? reference.path.slice(1) : reference.path;
  const known = service ? connectionPropertyNames(service) : [];
  const first = path[0] ?? '';
  if (service && known.includes(first) && goodRest(service, path)) return;
  const name = referenceText(reference);
  const why = service ? `"${name}" names nothing that "${reference.owner}" has` : `"${name}" has no meaning here`;
  throw new EnvctlError('REFERENCE_DANGLING', why, { hint: hintFor(service, path, known), position });
}

function goodRest(service: Service, [first = '', ...rest]: readonly string[]): boolean {
  if (first === 'env') return rest.length === 1 && Object.hasOwn(service.connection.env, rest[0] ?? '');
  const isPort = Object.hasOwn(service.ports, first) && first !== 'main' && !Object.hasOwn(service.parameters, first);
  return isPort ? rest.length === 1 && ['url', 'host', 'port'].includes(rest[0] ?? '') : rest.length === 0;
}

function hintFor(
  service: Service | undefined,
  [first = '', second = '']: readonly string[],
  known: readonly string[],
): string {
  if (!service)
    return '`with` belongs to services with a template; `at` is a service’s own address, and means nothing elsewhere.';
  if ((first === 'url' || first === 'port') && Object.keys(service.ports).length === 0)
    return `Say where "${service.name}" listens: port: 8000.`;
  if (first === 'env') return suggest(second, Object.keys(service.connection.env));
  return Object.hasOwn(service.ports, first) && first !== 'main'
    ? suggest(second, ['url', 'host', 'port'])
    : suggest(first, known);
}
