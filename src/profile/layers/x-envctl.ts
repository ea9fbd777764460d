import type { Json, JsonMap } from '../../model/json.js';
import { isMap } from '../../model/json.js';
import type { Document } from '../../model/profile.js';
import { unescapeText } from '../references/grammar.js';

const own = 'x-envctl';

/**
 * A Compose file that stands among the profiles: envctl's words are lifted out of `x-envctl`, at the top and in services, `$${…}` being written
 * `${…}`. Without such words the document is given back as it is.
 */
export function liftEnvctlKeys(document: Document): Document {
  const services = isMap(document.value.services) ? document.value.services : {};
  const holders = [document.value, ...Object.values(services)].filter((value) => isMap(value) && isMap(value[own]));
  if (holders.length === 0) return document;
  const lifted = Object.entries(services).map(
    ([name, service]) => [name, isMap(service) ? lift(service) : service] as const,
  );
  const top = lift(document.value);
  return {
    ...document,
    value: { ...top, ...(Object.keys(services).length > 0 ? { services: { ...Object.fromEntries(lifted) } } : {}) },
    position: (path) => document.position(placeOf(document.value, path)),
  };
}

function lift({ [own]: words, ...rest }: JsonMap): JsonMap {
  return isMap(words) ? over(rest, unescaped(words) as JsonMap) : rest;
}

/** Maps merge, so that `x-envctl: { environment: { … } }` adds to the service's own. */
function over(below: JsonMap, above: JsonMap): JsonMap {
  const entries = Object.entries(above).map(([key, value]): readonly [string, Json] => {
    const under = below[key];
    return [key, isMap(under) && isMap(value) ? over(under, value) : value];
  });
  return { ...below, ...Object.fromEntries(entries) };
}

function unescaped(value: Json): Json {
  if (typeof value === 'string') return unescapeText(value);
  if (Array.isArray(value)) return value.map(unescaped);
  return isMap(value)
    ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unescaped(inner)]))
    : value;
}

type Path = readonly (string | number)[];

/** The word under `x-envctl` where it stands there. */
function placeOf(value: JsonMap, path: Path): Path {
  const at = path[0] === 'services' && path.length > 2 ? 2 : 0;
  const inner = [...path.slice(0, at), own, ...path.slice(at)];
  return knownDepth(value, inner) > knownDepth(value, path) + 1 || knownDepth(value, inner) === inner.length
    ? inner
    : path;
}

function knownDepth(value: Json, path: Path): number {
  let here: Json | undefined = value;
  for (const [depth, key] of path.entries()) {
    here =
      typeof here === 'object' && here !== null && Object.hasOwn(here, key)
        ? (here as Record<string | number, Json>)[key]
        : undefined;
    if (here === undefined) return depth;
  }
  return path.length;
}
