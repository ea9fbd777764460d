/**
 * Short forms become long ones and every path becomes absolute against the file it stands in,
 * so that layers of different files and styles can be merged. Input is one document that passed the schema.
 */
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import type { Document, Json, JsonMap, Layer } from '../environment.js';
import { EnvctlError } from '../errors.js';
import { words } from '../words.js';
import { isMap, type NormalLayer } from './merge.js';

/** What one value is seen with while it is normalised. */
interface Place {
  readonly document: Document;
  readonly project: string;
  readonly path: readonly (string | number)[];
}
type Rewrite = (value: Json, place: Place) => Json;

/** One layer in long form. Throws PROFILE_INVALID where a path leaves the project. */
export function normaliseLayer(layer: Layer, project: string): NormalLayer {
  const place: Place = { document: layer.document, project, path: [] };
  const words = layer.kind === 'compose' ? ownWords : { ...composeWords, ...ownWords };
  const value = rewriteKeys(layer.document.value, { ...topLevel, services: each(each1(words)) }, place);
  return { value, document: layer.document };
}

const each1 =
  (rewrites: Readonly<Record<string, Rewrite>>): Rewrite =>
  (value, place) =>
    isMap(value) ? rewriteKeys(value, rewrites, place) : value;

const each =
  (rewrite: Rewrite): Rewrite =>
  (value, place) =>
    isMap(value) ? rewriteKeys(value, Object.fromEntries(Object.keys(value).map((key) => [key, rewrite])), place) : value;

function rewriteKeys(map: JsonMap, rewrites: Readonly<Record<string, Rewrite>>, place: Place): JsonMap {
  return Object.fromEntries(
    Object.entries(map).map(([key, value]) => {
      const rewrite = value === null ? undefined : rewrites[key];
      return [key, rewrite ? rewrite(value, { ...place, path: [...place.path, key] }) : value];
    }),
  );
}

/** Compose's own shorthand; what came through Compose itself is long already. */
const composeWords: Readonly<Record<string, Rewrite>> = {
  environment: keyValues,
  labels: keyValues,
  annotations: keyValues,
  sysctls: keyValues,
  depends_on: (value) =>
    Array.isArray(value) ? Object.fromEntries(value.map((name) => [String(name), { condition: 'default' }])) : value,
  env_file: (value, place) => list(value).map((entry, index) => envFile(entry, at(place, index))),
  build: (value, place) => build(typeof value === 'string' ? { context: value } : value, place),
  volumes: (value, place) => list(value).map((entry, index) => volume(entry, at(place, index))),
  healthcheck: (value) =>
    isMap(value) && typeof value.test === 'string' ? { ...value, test: ['CMD-SHELL', value.test] } : value,
  extra_hosts: keyValues,
};

/** envctl's words, which hold paths and shorthand in every kind of layer. */
const ownWords: Readonly<Record<string, Rewrite>> = {
  seed: (value, place) => {
    if (!isMap(value)) return { steps: seedSteps(value, place) };
    const steps = value.steps === undefined || value.steps === null ? {} : { steps: seedSteps(value.steps, { ...place, path: [...place.path, 'steps'] }) };
    return { ...value, ...steps, ...(value.after === undefined ? {} : { after: list(value.after) }) };
  },
  process: (value, place) =>
    isMap(value)
      ? {
          ...value,
          ...(typeof value.command === 'string' ? { command: [...words(value.command)] } : {}),
          ...(value.command === undefined && value.cwd === undefined ? {} : { cwd: inside(typeof value.cwd === 'string' ? value.cwd : '.', place) }),
        }
      : value,
};

const topLevel: Readonly<Record<string, Rewrite>> = {
  configs: each(fileEntry),
  secrets: each(fileEntry),
  volumes: (value) => emptyForNull(value),
  networks: (value) => emptyForNull(value),
};

/** `pgdata:` alone means a volume with nothing said of it, not a deletion. */
function emptyForNull(value: Json): Json {
  return isMap(value) ? Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, entry ?? {}])) : value;
}

function keyValues(value: Json): Json {
  if (!Array.isArray(value)) return value;
  return Object.fromEntries(
    value.map((entry) => {
      const text = String(entry);
      const split = text.search(/[=:]/);
      const equals = text.indexOf('=');
      const cut = equals >= 0 ? equals : split;
      return cut < 0 ? [text, `\${${text}-}`] : [text.slice(0, cut), text.slice(cut + 1)];
    }),
  );
}

function envFile(entry: Json, place: Place): Json {
  if (typeof entry === 'string') return { path: inside(entry, place), required: true };
  return isMap(entry) && typeof entry.path === 'string' ? { ...entry, path: inside(entry.path, place) } : entry;
}

function build(value: Json, place: Place): Json {
  if (!isMap(value)) return value;
  const args = value.args === undefined ? {} : { args: keyValues(value.args) };
  const context = typeof value.context === 'string' ? value.context : '.';
  return { ...value, ...args, context: /^[a-z]+:\/\//.test(context) ? context : inside(context, place) };
}

/** `source:target[:mode]`; a source that is a path becomes a bind mount, a name a volume, none an anonymous one. */
function volume(entry: Json, place: Place): Json {
  if (typeof entry !== 'string') return isMap(entry) && entry.type === 'bind' && typeof entry.source === 'string' ? { ...entry, source: hostPath(entry.source, place) } : entry;
  const [source, target, mode] = splitVolume(entry);
  if (target === undefined) return { type: 'volume', target: source ?? '' };
  const options = (mode ?? '').split(',');
  const readOnly = options.includes('ro') ? { read_only: true } : {};
  const isPath = /^[./~]/.test(source ?? '') || /^[A-Za-z]:[\\/]/.test(source ?? '');
  if (!isPath) return { type: 'volume', source: source ?? '', target, ...readOnly };
  return { type: 'bind', source: hostPath(source ?? '', place), target, ...readOnly, bind: { create_host_path: true } };
}

/** A Windows drive letter is not a separator. */
function splitVolume(entry: string): readonly string[] {
  const drive = /^[A-Za-z]:[\\/]/.test(entry) ? entry.slice(0, 2) : '';
  const [first = '', ...rest] = entry.slice(drive.length).split(':');
  return [drive + first, ...rest];
}

function fileEntry(value: Json, place: Place): Json {
  return isMap(value) && typeof value.file === 'string' ? { ...value, file: inside(value.file, { ...place, path: [...place.path, 'file'] }) } : value;
}

function seedSteps(value: Json, place: Place): Json {
  return list(value).map((step, index) => (isMap(step) ? seedStep(step, at(place, index)) : step));
}

function seedStep(step: JsonMap, place: Place): Json {
  const paths = ['sql', 'csv', 'redis', 'stubs', 'file'].filter((key) => typeof step[key] === 'string' && !String(step[key]).includes('${'));
  const absolute = paths.map((key) => [key, inside(String(step[key]), { ...place, path: [...place.path, key] })]);
  const cwd = step.run === undefined ? {} : { cwd: dirname(place.document.path) };
  return { ...step, ...Object.fromEntries(absolute), ...cwd };
}

const at = (place: Place, key: string | number): Place => ({ ...place, path: [...place.path, key] });
const list = (value: Json): readonly Json[] => (Array.isArray(value) ? value : [value]);

/** A path of the profile's own; it may not leave the project. */
function inside(path: string, place: Place): string {
  const absolute = resolve(dirname(place.document.path), path);
  const away = relative(place.project, absolute);
  if (away !== '..' && !away.startsWith('../') && !isAbsolute(away)) return absolute;
  throw new EnvctlError('PROFILE_INVALID', `"${path}" leads out of the project (${place.project})`, {
    hint: 'Move the file into the project, or bind-mount an absolute path with Compose’s long form.',
    position: place.document.position(place.path),
  });
}

/** A bind mount's source: relative ones stay inside, absolute ones are the user's word. */
function hostPath(source: string, place: Place): string {
  if (isAbsolute(source) || /^[~$]|^[A-Za-z]:[\\/]/.test(source)) return source;
  return inside(source, place);
}
