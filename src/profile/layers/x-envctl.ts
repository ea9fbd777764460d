import { EnvctlError } from '../../model/errors.js';
import { isMap, type Json, type JsonMap, knownDepth, mergeMaps } from '../../model/json.js';
import type { Document, DocumentPath } from '../../model/profile.js';
import { referenceLikeText, unescapeText } from '../references/grammar.js';

const extension = 'x-envctl';

/**
 * Moves envctl's own keys out of `x-envctl`, at the top level and in services, to where a profile has them.
 * Compose would interpolate `${db.url}`, so in `x-envctl` it is written `$${db.url}`.
 */
export function liftEnvctlKeys(document: Document): Document {
  const { value } = document;
  const services = isMap(value.services) ? value.services : {};
  if (![value, ...Object.values(services)].some((holder) => isMap(holder) && isMap(holder[extension]))) return document;
  const lifted = Object.entries(services).map(
    ([name, service]) => [name, isMap(service) ? lift(service) : service] as const,
  );
  return {
    ...document,
    value: { ...lift(value), ...(lifted.length > 0 ? { services: Object.fromEntries(lifted) } : {}) },
    position: (path) => document.position(writtenPath(value, path)),
  };
}

/** `x-envctl: { environment: { … } }` adds to the service's own `environment`. */
const lift = ({ [extension]: own, ...rest }: JsonMap): JsonMap =>
  isMap(own) ? mergeMaps(rest, mapStrings(own), 'keep') : rest;

function mapStrings(map: JsonMap): JsonMap {
  const change = (value: Json): Json => {
    if (typeof value === 'string') return unescapeText(value);
    if (Array.isArray(value)) return value.map(change);
    return isMap(value) ? mapStrings(value) : value;
  };
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value)]));
}

/** The path under `x-envctl` if the key is written there. */
function writtenPath(value: JsonMap, path: DocumentPath): DocumentPath {
  const at = path[0] === 'services' && path.length > 2 ? 2 : 0;
  const inner = [...path.slice(0, at), extension, ...path.slice(at)];
  const depth = knownDepth(value, inner);
  return depth > knownDepth(value, path) + 1 || depth === inner.length ? inner : path;
}

/** Compose would read a reference among its own keys as a variable. Throws PROFILE_INVALID at the text. */
export function refuseReferences({ value, position }: Document, path: DocumentPath = []): void {
  visitStrings(value, path, (text, at) => {
    const reference = referenceLikeText(text);
    if (reference === null) return;
    throw new EnvctlError('PROFILE_INVALID', `Compose cannot read ${reference}, a reference of envctl`, {
      hint:
        `Move it under \`x-envctl:\`, written as \`$${reference}\`, so that Compose can still read the file: ` +
        'x-envctl: { environment: { … } }.',
      position: position(at),
    });
  });
}

function visitStrings(value: Json, path: DocumentPath, visit: (text: string, path: DocumentPath) => void): void {
  if (typeof value === 'string') visit(value, path);
  else if (Array.isArray(value))
    for (const [index, item] of value.entries()) visitStrings(item, [...path, index], visit);
  else if (isMap(value)) for (const [key, item] of Object.entries(value)) visitStrings(item, [...path, key], visit);
}
