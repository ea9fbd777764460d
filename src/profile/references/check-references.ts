import { connectionPropertyNames } from '../../model/connectable.js';
import type { Environment } from '../../model/environment.js';
import { EnvctlError, suggest } from '../../model/errors.js';
import type { Json } from '../../model/json.js';
import type { Position } from '../../model/profile.js';
import type { Service } from '../../model/service.js';
import type { Merged } from '../layers/merge.js';
import { type Reference, referencesIn, referenceText, reservedOwners } from './grammar.js';

type Path = readonly (string | number)[];

/** Every reference names a fact its service has. Throws REFERENCE_DANGLING at the word it stands in. */
export function checkReferences(services: readonly Service[], exports: Environment['exports'], merged: Merged): void {
  const byName = new Map(services.map((service) => [service.name, service]));
  const owners = [...byName.keys(), ...reservedOwners];
  for (const service of services) {
    const at: Path = ['services', service.name];
    const places = [
      [service.compose, at],
      [service.process, [...at, 'process']],
      [service.gate.probes, [...at, 'ready']],
      [service.seed.steps, [...at, 'seed', 'steps']],
    ] as const;
    for (const [value, path] of places) {
      for (const { reference, path: place } of placed(value as unknown as Json, owners, path))
        checkFact(reference, byName, { own: service, position: () => merged.position(place) });
    }
  }
  for (const { reference, path } of placed(exports, owners, ['exports']))
    checkFact(reference, byName, { own: null, position: () => merged.position(path) });
}

interface Placed {
  readonly reference: Reference;
  readonly path: Path;
}

function placed(value: Json, owners: readonly string[], path: Path): readonly Placed[] {
  if (typeof value === 'string') {
    if (!value.includes('$')) return [];
    return referencesIn(value, { owners, at: { file: '', line: 1, column: 1 } }).map((reference) => ({
      reference,
      path,
    }));
  }
  if (value === null || typeof value !== 'object') return [];
  if (Array.isArray(value)) return value.flatMap((child: Json, index) => placed(child, owners, [...path, index]));
  return Object.entries(value).flatMap(([key, child]) => placed(child as Json, owners, [...path, key]));
}

interface Place {
  /** The service it stands in; null: an export. */
  readonly own: Service | null;
  readonly position: () => Position;
}

function checkFact(reference: Reference, byName: ReadonlyMap<string, Service>, { own, position }: Place): void {
  if (reference.owner === 'at' && own !== null && ['host', 'port'].includes(reference.path.join('.'))) return;
  const service = byName.get(reference.owner);
  const path =
    reference.path[0] === 'inside' || reference.path[0] === 'outside' ? reference.path.slice(1) : reference.path;
  const known = service ? connectionPropertyNames(service) : [];
  const first = path[0] ?? '';
  if (service && known.includes(first) && goodRest(service, path)) return;
  const name = referenceText(reference);
  const why = service ? `"${name}" names nothing that "${reference.owner}" has` : `"${name}" has no meaning here`;
  throw new EnvctlError('REFERENCE_DANGLING', why, { hint: hintFor(service, path, known), position: position() });
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
