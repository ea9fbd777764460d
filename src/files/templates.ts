import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Document, Json, JsonMap, Template } from '../core/environment.js';
import { isMap } from '../core/resolve/merge.js';
import { readParameter, strings } from '../core/resolve/parameters.js';
import { readDocument } from './document.js';
import { validateTemplate } from './validate.js';

/** The templates that come with envctl. */
export const builtInTemplates = fileURLToPath(new URL('../../templates/', import.meta.url));

/**
 * Built-in templates and the project's own in `.envctl/templates/`, which win by name. Only those of the wanted names are read,
 * where all of them exist; else all, so that a message can name them.
 */
export async function loadTemplates(project: string, wanted: readonly string[] | 'all' = 'all'): Promise<ReadonlyMap<string, Template>> {
  const folders = [builtInTemplates, join(project, '.envctl', 'templates')];
  const paths = new Map((await Promise.all(folders.map(pathsIn))).flat());
  const names = wanted !== 'all' && wanted.every((name) => paths.has(name)) ? wanted : [...paths.keys()];
  return new Map(await Promise.all(names.map(async (name) => [name, await loadTemplate(paths.get(name) ?? '')] as const)));
}

async function pathsIn(folder: string): Promise<readonly (readonly [string, string])[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => /\.ya?ml$/.test(name)).sort();
  return names.map((name) => [name.replace(/\.ya?ml$/, ''), join(folder, name)] as const);
}

/** Throws PROFILE_INVALID at the place in the template. */
export async function loadTemplate(path: string): Promise<Template> {
  const document = await readDocument(path);
  validateTemplate(document);
  return readTemplate(basename(path).replace(/\.ya?ml$/, ''), document);
}

function readTemplate(name: string, document: Document): Template {
  const { value } = document;
  const connection = map(value.connection);
  return {
    name,
    document,
    summary: String(value.summary),
    kind: String(value.kind),
    speaks: typeof value.speaks === 'string' ? value.speaks : null,
    recognises: strings(value.recognises),
    serves: strings(value.serves),
    parameters: Object.fromEntries(Object.entries(map(value.parameters)).map(([key, written]) => [key, readParameter(written)])),
    service: map(value.service),
    process: isMap(value.process) ? value.process : null,
    ports: Object.fromEntries(Object.entries(map(value.ports)).map(([key, port]) => [key, Number(port)])),
    data: strings(value.data),
    ready: value.ready ?? null,
    connection: {
      url: typeof connection.url === 'string' ? connection.url : null,
      env: texts(connection.env),
      ports: Object.fromEntries(Object.entries(map(connection.ports)).map(([key, port]) => [key, String(map(port).url ?? '')])),
    },
  };
}

const map = (value: Json | undefined): JsonMap => (isMap(value) ? value : {});
const texts = (value: Json | undefined): Readonly<Record<string, string>> => Object.fromEntries(Object.entries(map(value)).map(([key, text]) => [key, String(text)]));
