import { membersOf, propertiesOf } from '../../model/connection.js';
import type { Environment } from '../../model/environment.js';
import { EnvctlError, suggest } from '../../model/errors.js';
import type { Service } from '../../model/service.js';
import { referenceText } from './grammar.js';
import { isSide, type LocatedReference, referencesIn } from './template-text.js';

/** Checks that every reference names a property of its service. Throws REFERENCE_DANGLING at the reference's text. */
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
  if (service && isProperty(service, path)) return;
  const name = referenceText(reference);
  const why = service
    ? `"${name}" refers to a property that "${reference.owner}" does not have`
    : `"${name}" has no meaning here`;
  throw new EnvctlError('REFERENCE_DANGLING', why, { hint: hintFor(service, path), position });
}

function isProperty(service: Service, [first = '', ...rest]: readonly string[]): boolean {
  const members = membersOf(service, first);
  if (!propertiesOf(service).includes(first)) return false;
  return members.length === 0 ? rest.length === 0 : rest.length === 1 && members.includes(rest[0] ?? '');
}

function hintFor(service: Service | undefined, [first = '', second = '']: readonly string[]): string {
  if (!service) return "`with` needs a service with a template; `at` is a service's own address.";
  if ((first === 'url' || first === 'port') && Object.keys(service.ports).length === 0)
    return `Declare the port that "${service.name}" listens on: port: 8000.`;
  const members = membersOf(service, first);
  return members.length > 0 ? suggest(second, members) : suggest(first, propertiesOf(service));
}
