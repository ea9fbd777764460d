/**
 * Expands short forms and makes paths absolute, relative to the file that has them, so that layers can be merged.
 * The input is valid by the schema and has no variables.
 */
import { isMap, type Json, type JsonMap, type TemplateMap, type TemplateTree } from '../../model/json.js';
import type { Layer, Template } from '../../model/profile.js';
import { splitCommandLine } from '../../model/split-command-line.js';
import { rewriteTexts } from '../references/rewrite.js';
import { seedKindOf, seedKinds } from '../seeds/kinds.js';
import type { NormalLayer } from './merge.js';
import { at, folderOf, inside, type LayerPlace } from './project-paths.js';
import { composePaths, composeWords, fileEntry, list, type Rewrite } from './short-forms.js';

type ProjectPaths = Pick<LayerPlace, 'project' | 'realPath'>;

/** One layer in long form. Throws PROFILE_INVALID for a path outside the project. */
export function normalizeLayer(
  { kind, document }: Layer,
  filled: TemplateMap,
  surroundings: ProjectPaths,
): NormalLayer {
  const place: LayerPlace = { ...surroundings, document, path: [] };
  const service =
    kind === 'compose' ? { ...composeWords, ...ownWords } : { ...composeWords, ...composePaths, ...ownWords };
  const rewrites = { ...(kind === 'compose' ? {} : topPaths), ...topWords, services: each(inMap(service)) };
  const value = rewriteMap(filled, (plain) => {
    const long = rewriteKeys(plain, rewrites, place);
    return { ...long, services: mapValues(long.services, portsByName) };
  });
  return { kind, document, value };
}

/** A template's service and process in long form. */
export function normalizeTemplate(template: Template, filled: TemplateMap, surroundings: ProjectPaths): TemplateMap {
  const place: LayerPlace = { ...surroundings, document: template.document, path: [] };
  const rewrites = { service: inMap({ ...composeWords, ...composePaths }), process: processWords };
  return rewriteMap(filled, (plain) => rewriteKeys(plain, rewrites, place));
}

/** `rewriteTexts` from map to map. */
function rewriteMap(map: TemplateMap, rewrite: (plain: JsonMap) => JsonMap): TemplateMap {
  const rewritten: TemplateTree = rewriteTexts(map, (plain) => (isMap(plain) ? rewrite(plain) : plain));
  return isMap(rewritten) ? rewritten : {};
}

const inMap =
  (rewrites: Readonly<Record<string, Rewrite>>): Rewrite =>
  (value, place) =>
    isMap(value) ? rewriteKeys(value, rewrites, place) : value;

const each =
  (rewrite: Rewrite): Rewrite =>
  (value, place) =>
    isMap(value)
      ? Object.fromEntries(
          Object.entries(value).map(([key, entry]) => [key, entry === null ? null : rewrite(entry, at(place, key))]),
        )
      : value;

function rewriteKeys(map: JsonMap, rewrites: Readonly<Record<string, Rewrite>>, place: LayerPlace): JsonMap {
  return Object.fromEntries(
    Object.entries(map).map(([key, value]) => {
      const rewrite = value === null || !Object.hasOwn(rewrites, key) ? undefined : rewrites[key];
      return [key, rewrite ? rewrite(value, at(place, key)) : value];
    }),
  );
}

function mapValues(value: Json | undefined, change: (entry: JsonMap) => JsonMap): JsonMap {
  if (!isMap(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, isMap(entry) ? change(entry) : entry]));
}

const processWords: Rewrite = (value, place) => {
  if (!isMap(value) || value.command === undefined) return value;
  const command = typeof value.command === 'string' ? [...splitCommandLine(value.command)] : value.command;
  return { ...value, command, cwd: inside(typeof value.cwd === 'string' ? value.cwd : '.', at(place, 'cwd')) };
};

/** envctl's own keys that have short forms or paths, in every kind of layer. */
const ownWords: Readonly<Record<string, Rewrite>> = {
  seed: (value, place) => {
    if (!isMap(value)) return { steps: seedSteps(value, place) };
    const steps =
      value.steps === undefined || value.steps === null ? {} : { steps: seedSteps(value.steps, at(place, 'steps')) };
    return {
      ...value,
      ...steps,
      ...(value.after === undefined || value.after === null ? {} : { after: list(value.after) }),
    };
  },
  process: processWords,
};

/** `port: n` and a map under `ports` become `port`, by name; a list stays Compose's `ports`. `null` deletes both. */
function portsByName(service: JsonMap): JsonMap {
  const { port, ports, ...rest } = service;
  const named = { ...(isMap(ports) ? ports : {}), ...(port === undefined || port === null ? {} : { main: port }) };
  if (Object.keys(named).length > 0)
    return { ...rest, port: named, ...(Array.isArray(ports) || ports === null ? { ports } : {}) };
  return {
    ...rest,
    ...(port === null || ports === null ? { port: null } : {}),
    ...(ports === undefined || isMap(ports) ? {} : { ports }),
  };
}

const topPaths: Readonly<Record<string, Rewrite>> = { configs: each(fileEntry), secrets: each(fileEntry) };

const topWords: Readonly<Record<string, Rewrite>> = { volumes: emptyForNull, networks: emptyForNull };

/** `pgdata:` without a value is a volume with defaults, not a deletion. */
function emptyForNull(value: Json): Json {
  return isMap(value) ? Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, entry ?? {}])) : value;
}

function seedSteps(value: Json, place: LayerPlace): Json {
  return list(value).map((step, index) => (isMap(step) ? seedStep(step, at(place, index)) : step));
}

function seedStep(step: JsonMap, place: LayerPlace): Json {
  const kind = seedKindOf(step);
  const keys = kind === undefined ? [] : Object.entries(seedKinds[kind].keys);
  const absolute = keys.flatMap(([key, { type }]) => {
    if (type === 'folder' && step[key] === undefined) return [[key, folderOf(place)]];
    const isPath = type === 'path' || type === 'folder';
    return isPath && typeof step[key] === 'string' ? [[key, inside(step[key], at(place, key))]] : [];
  });
  return { ...step, ...Object.fromEntries(absolute) };
}
