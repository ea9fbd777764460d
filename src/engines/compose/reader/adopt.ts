import { EnvctlError } from '../../../model/errors.js';
import { asList, asMap, isList, isMap, type Json, type JsonMap } from '../../../model/json.js';
import type { Document, Position } from '../../../model/profile.js';

const extension = 'x-envctl';

/**
 * The document for Compose's output, with the keys restored that Compose was not given: `depends_on`, and those under
 * `x-envctl`, moved to where a profile has them. `documents` are the files, lowest layer first.
 */
export function adopt(composed: JsonMap, documents: readonly Document[]): Document {
  const { services, [extension]: extended, name, include: _, ...rest } = composed;
  const isNamed = documents.some(({ value }) => value.name !== undefined);
  const adopted = Object.entries(asMap(services)).map(([service, value]): [string, Json] => [
    service,
    adoptService(asMap(value), service, documents),
  ]);
  const compose = { ...rest, ...(isNamed && name !== undefined ? { name } : {}) };
  const envctl = envctlKeys([extended, ...documents.map(({ value }) => value[extension])]);
  return {
    path: documents.at(-1)?.path ?? '',
    value: { ...merge(compose, envctl), services: Object.fromEntries(adopted) },
    position: (path) => positionIn(documents, path),
  };
}

function adoptService(composed: JsonMap, service: string, documents: readonly Document[]): JsonMap {
  const { [extension]: extended, depends_on: inherited, ...compose } = composed;
  const layers = documents.map(({ value }) => asMap(asMap(value.services)[service]));
  const envctl = envctlKeys([extended, ...layers.map((layer) => layer[extension])]);
  if (isMap(envctl.ports) && compose.ports !== undefined) throw ambiguousPorts(service, documents);
  const dependencies = asMap(
    Object.assign({}, ...[inherited, ...layers.map((layer) => layer.depends_on)].map(dependenciesIn)),
  );
  const dependsOn = Object.keys(dependencies).length > 0 ? { depends_on: dependencies } : {};
  return merge({ ...compose, ...dependsOn }, envctl);
}

/** The short form has no condition: for envctl it means more than Compose's `service_started`. */
function dependenciesIn(value: Json | undefined): JsonMap {
  return isMap(value) ? value : Object.fromEntries(asList(value).map((service) => [String(service), {}]));
}

/** `x-envctl` of all layers, lowest first. References are escaped there (`$${db.url}`) for Compose. */
function envctlKeys(layers: readonly (Json | undefined)[]): JsonMap {
  return asMap(withoutEscapes(layers.map(asMap).reduce(merge, {})));
}

/** Later layers win: maps are merged, everything else is replaced. */
function merge(below: JsonMap, above: JsonMap): JsonMap {
  const entries = Object.entries(above).map(([key, value]): [string, Json] => {
    const under = below[key];
    return [key, isMap(under) && isMap(value) ? merge(under, value) : value];
  });
  return { ...below, ...Object.fromEntries(entries) };
}

function withoutEscapes(value: Json): Json {
  if (typeof value === 'string') return value.replaceAll('$$', '$');
  if (isList(value)) return value.map(withoutEscapes);
  return isMap(value)
    ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutEscapes(inner)]))
    : value;
}

function ambiguousPorts(service: string, documents: readonly Document[]): EnvctlError {
  return new EnvctlError(
    'PROFILE_INVALID',
    `Service "${service}" has both Compose's \`ports\` and \`ports\` under ${extension}`,
    {
      hint: `Use \`${extension}: { port: … }\` for a single port, or remove one of the two.`,
      position: positionIn(documents, ['services', service, extension, 'ports']),
      service,
    },
  );
}

/** The position of a path of the adopted document: in the last file that has most of it, under `x-envctl` or not. */
export function positionIn(documents: readonly Document[], path: readonly (string | number)[]): Position {
  const isInService = path[0] === 'services' && path.length > 2;
  const extended = isInService ? [...path.slice(0, 2), extension, ...path.slice(2)] : [extension, ...path];
  const candidates = documents.flatMap((document) =>
    [path, extended].map((keys) => ({ document, keys, missing: keys.length - depthOf(document.value, keys) })),
  );
  const best = candidates.reduce<(typeof candidates)[number] | undefined>(
    (found, each) => (found === undefined || each.missing <= found.missing ? each : found),
    undefined,
  );
  return best?.document.position(best.keys) ?? { file: '', line: 1, column: 1 };
}

/** How many keys of the path exist in the value. */
function depthOf(value: Json, path: readonly (string | number)[]): number {
  let current: Json | undefined = value;
  for (const [depth, key] of path.entries()) {
    current = isList(current) ? current[Number(key)] : asMap(current)[key];
    if (current === undefined) return depth;
  }
  return path.length;
}
