/** Expands Compose's short forms (docs.docker.com/reference/compose-file/services). */
import type { Json, JsonMap } from '../../model/json.js';
import { isMap } from '../../model/json.js';
import { at, hostPath, inside, type LayerPlace } from './project-paths.js';

export type Rewrite = (value: Json, place: LayerPlace) => Json;

/** `environment: [NAME]` takes the user's variable. `null` would delete it in a lower layer. */
export const passed: JsonMap = { from: 'environment' };

/** Keys without paths, for every kind of layer. */
export const composeWords: Readonly<Record<string, Rewrite>> = {
  environment: (value) => pairs(value, passed),
  labels: (value) => pairs(value, ''),
  annotations: (value) => pairs(value, ''),
  depends_on: (value) =>
    Array.isArray(value) ? Object.fromEntries(value.map((name) => [String(name), { condition: 'default' }])) : value,
  healthcheck: (value) =>
    isMap(value) && typeof value.test === 'string' ? { ...value, test: ['CMD-SHELL', value.test] } : value,
};

/** Keys with paths. Layers read through Compose have absolute ones already. */
export const composePaths: Readonly<Record<string, Rewrite>> = {
  env_file: (value, place) =>
    list(value).map((entry, index) => envFile(entry, Array.isArray(value) ? at(place, index) : place)),
  label_file: (value, place) =>
    list(value).map((entry, index) => inside(String(entry), Array.isArray(value) ? at(place, index) : place)),
  build: (value, place) => build(typeof value === 'string' ? { context: value } : value, place),
  volumes: (value, place) => list(value).map((entry, index) => volume(entry, at(place, index))),
  extends: (value, place) => fileEntry(value, place),
};

/** `configs` and `secrets` of the top level. */
export const fileEntry: Rewrite = (value, place) =>
  isMap(value) && typeof value.file === 'string' ? { ...value, file: inside(value.file, at(place, 'file')) } : value;

function pairs(value: Json, missing: Json): Json {
  if (!Array.isArray(value)) return value;
  return Object.fromEntries(
    value.map((entry) => {
      const text = String(entry);
      const cut = text.indexOf('=');
      return cut < 0 ? [text, missing] : [text.slice(0, cut), text.slice(cut + 1)];
    }),
  );
}

function envFile(entry: Json, place: LayerPlace): Json {
  if (isMap(entry))
    return typeof entry.path === 'string' ? { ...entry, path: inside(entry.path, at(place, 'path')) } : entry;
  return { path: inside(String(entry), place), required: true };
}

function build(value: Json, place: LayerPlace): Json {
  if (!isMap(value)) return value;
  const contexts = isMap(value.additional_contexts) ? Object.entries(value.additional_contexts) : [];
  return {
    ...value,
    ...(value.args === undefined || value.args === null ? {} : { args: pairs(value.args, null) }),
    ...(contexts.length === 0
      ? {}
      : {
          additional_contexts: Object.fromEntries(
            contexts.map(([name, path]) => [name, contextPath(String(path), at(place, 'additional_contexts', name))]),
          ),
        }),
    ...(typeof value.context === 'string' ? { context: contextPath(value.context, at(place, 'context')) } : {}),
  };
}

/** A folder, unless it is `https://…`, `git@…`, `docker-image://…` or `service:…`. */
const contextPath = (path: string, place: LayerPlace): string =>
  /^[a-z-]+:|^git@|^github\.com\//.test(path) ? path : inside(path, place);

/** `source:target[:mode]`: a path is a bind mount, a name a volume, no source an anonymous volume. */
function volume(entry: Json, place: LayerPlace): Json {
  if (isMap(entry))
    return entry.type === 'bind' && typeof entry.source === 'string'
      ? { ...entry, source: hostPath(entry.source, at(place, 'source')) }
      : entry;
  const [source = '', target, mode] = splitVolume(String(entry));
  if (target === undefined) return { type: 'volume', target: source };
  const readOnly = (mode ?? '').split(',').includes('ro') ? { read_only: true } : {};
  if (!/^[./~]|^[A-Za-z]:[\\/]/.test(source)) return { type: 'volume', source, target, ...readOnly };
  return { type: 'bind', source: hostPath(source, place), target, ...readOnly, bind: { create_host_path: true } };
}

/** A Windows drive letter is not a separator. */
function splitVolume(entry: string): readonly string[] {
  const drive = /^[A-Za-z]:[\\/]/.test(entry) ? entry.slice(0, 2) : '';
  const [first = '', ...rest] = entry.slice(drive.length).split(':');
  return [drive + first, ...rest];
}

export const list = (value: Json): readonly Json[] => (Array.isArray(value) ? value : [value]);
