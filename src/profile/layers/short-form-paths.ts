import type { Json, JsonMap } from '../../model/json.js';

import type { DocumentPath } from '../../model/profile.js';

export interface WrittenPath {
  /** How many keys of the long form's path exist. */
  readonly depth: number;
  /** The keys and indexes in the file. */
  readonly path: DocumentPath;
}

/** Follows a path of the long form through a value in short form, as far as it exists there. */
export function writtenPath(value: JsonMap, path: DocumentPath): WrittenPath {
  const written: (string | number)[] = [];
  let here: Json = value;
  for (const [depth, key] of path.entries()) {
    const step = stepInto(here, key, path[depth + 1]);
    if (step === undefined) return { depth, path: written };
    if (step.key !== null) written.push(step.key);
    here = step.value;
  }
  return { depth: path.length, path: written };
}

interface PathStep {
  readonly value: Json;
  /** null: the short form has no key here. */
  readonly key: string | number | null;
}

function stepInto(here: Json, key: string | number, next: string | number | undefined): PathStep | undefined {
  if (Array.isArray(here)) return stepIntoList(here, key);
  if (typeof here !== 'object' || here === null) return undefined;
  const map = here as JsonMap;
  if (key === 'port') return portStep(map, next);
  return Object.hasOwn(map, key) ? { key, value: map[key] ?? null } : undefined;
}

/** `[a, b]` for `{ a: …, b: … }`, `[NAME=value]` for `{ NAME: value }`, seed steps without `steps:`. */
function stepIntoList(list: readonly Json[], key: string | number): PathStep | undefined {
  if (key === 'steps') return { key: null, value: list };
  const index =
    typeof key === 'number'
      ? key
      : list.findIndex((entry) => typeof entry === 'string' && (entry === key || entry.startsWith(`${key}=`)));
  const value = list[index];
  return value === undefined ? undefined : { key: index, value };
}

/** The long form has ports by name under `port`; they are written as `port: n` or as a map under `ports`. */
function portStep(map: JsonMap, next: string | number | undefined): PathStep | undefined {
  const single = map.port;
  if (single !== undefined && single !== null && (next === undefined || next === 'main'))
    return { key: 'port', value: { main: single } };
  const several = map.ports;
  return typeof several === 'object' && several !== null ? { key: 'ports', value: several } : undefined;
}
