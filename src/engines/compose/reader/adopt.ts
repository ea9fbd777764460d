import { EnvctlError } from '../../../model/errors.js';
import { asList, asMap, isList, isMap, type Json, type JsonMap } from '../../../model/json.js';
import type { Document, Position } from '../../../model/profile.js';

const own = 'x-envctl';

/**
 * What Compose made of the files, with what was kept from it put back: `depends_on`, and our words out of `x-envctl`, in our notation.
 * `documents` are the files as written, lowest layer first; positions are theirs.
 */
export function adopt(composed: JsonMap, documents: readonly Document[]): Document {
  const { services, [own]: extended, name, include: _, ...rest } = composed;
  const named = documents.some(({ value }) => value.name !== undefined);
  const adopted = Object.entries(asMap(services)).map(([service, value]): [string, Json] => [
    service,
    adoptService(asMap(value), service, documents),
  ]);
  const words = [asMap(extended), ...documents.map(({ value }) => asMap(value[own]))].reduce(merged, {});
  return {
    path: documents.at(-1)?.path ?? '',
    value: {
      ...merged({ ...rest, ...(named && name !== undefined ? { name } : {}) }, asMap(inOurNotation(words))),
      services: Object.fromEntries(adopted),
    },
    position: (path) => positionIn(documents, path),
  };
}

function adoptService(composed: JsonMap, service: string, documents: readonly Document[]): JsonMap {
  const { [own]: extended, depends_on: inherited, ...rest } = composed;
  const written = documents.map(({ value }) => asMap(asMap(value.services)[service]));
  const words = asMap(inOurNotation([asMap(extended), ...written.map((each) => asMap(each[own]))].reduce(merged, {})));
  const needs = asMap(Object.assign({}, ...[inherited, ...written.map((each) => each.depends_on)].map(dependsOn)));
  if (isMap(words.ports) && rest.ports !== undefined) throw twoKindsOfPorts(service, documents);
  return merged({ ...rest, ...(Object.keys(needs).length > 0 ? { depends_on: needs } : {}) }, words);
}

/** The short form says no condition: with envctl it means more than Compose's `service_started`. */
function dependsOn(value: Json | undefined): JsonMap {
  return isMap(value) ? value : Object.fromEntries(asList(value).map((service) => [String(service), {}]));
}

/** Later files win: maps merge, everything else replaces. */
function merged(below: JsonMap, above: JsonMap): JsonMap {
  const entries = Object.entries(above).map(([key, value]): [string, Json] => {
    const under = below[key];
    return [key, isMap(under) && isMap(value) ? merged(under, value) : value];
  });
  return { ...below, ...Object.fromEntries(entries) };
}

/** A reference is written `$${db.url}` there, so that the file stays one for Compose: `$$` is `$`, once. */
function inOurNotation(value: Json): Json {
  if (typeof value === 'string') return value.replaceAll('$$', '$');
  if (isList(value)) return value.map(inOurNotation);
  return isMap(value)
    ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, inOurNotation(inner)]))
    : value;
}

function twoKindsOfPorts(service: string, documents: readonly Document[]): EnvctlError {
  return new EnvctlError(
    'PROFILE_INVALID',
    `"${service}" has Compose's \`ports\` and envctl's \`ports\` under ${own}`,
    {
      hint: `Name one port with \`${own}: { port: … }\`, or leave one of the two out.`,
      position: positionIn(documents, ['services', service, own, 'ports']),
      service,
    },
  );
}

/** Where a path of the adopted document was written: in the file that knows the longest part of it, as Compose's word or as ours. */
export function positionIn(documents: readonly Document[], path: readonly (string | number)[]): Position {
  const ours =
    path[0] === 'services' && path.length > 2 ? [...path.slice(0, 2), own, ...path.slice(2)] : [own, ...path];
  const candidates = documents.flatMap((document) =>
    [path, ours].map((at) => ({ document, at, missing: at.length - knownDepth(document.value, at) })),
  );
  const best = candidates.reduce<(typeof candidates)[number] | undefined>(
    (found, each) => (found === undefined || each.missing <= found.missing ? each : found),
    undefined,
  );
  return best?.document.position(best.at) ?? { file: '', line: 1, column: 1 };
}

function knownDepth(value: Json, path: readonly (string | number)[]): number {
  let here: Json | undefined = value;
  for (const [depth, key] of path.entries()) {
    here = isList(here) ? here[Number(key)] : asMap(here)[key];
    if (here === undefined) return depth;
  }
  return path.length;
}
