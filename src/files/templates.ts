import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suggest } from '../model/errors.js';
import { asMap, isMap, type Json } from '../model/json.js';
import type { Document, DocumentPath, Template } from '../model/profile.js';
import { connectionOwners, parseText, referencesAmong, referenceText } from '../profile/references/grammar.js';
import { readTemplateKeys } from './template-keys.js';
import { validateTemplate } from './validate-profile.js';
import { invalid, readDocument } from './yaml/document.js';

/** The templates that come with envctl. */
export const builtInTemplates = fileURLToPath(new URL('../../templates/', import.meta.url));

/**
 * Built-in templates and the project's in `.envctl/templates/`, which win by name and by the images they recognize.
 * Reads only the wanted names if all of them exist; else all, so that a message can list them.
 */
export async function loadTemplates(
  project: string,
  wanted: readonly string[] | 'all' = 'all',
): Promise<ReadonlyMap<string, Template>> {
  const [builtIn, own] = await Promise.all([pathsIn(builtInTemplates), pathsIn(join(project, '.envctl', 'templates'))]);
  const paths = new Map([...own, ...builtIn.filter(([name]) => !own.some(([taken]) => taken === name))]);
  const names = wanted !== 'all' && wanted.every((name) => paths.has(name)) ? wanted : [...paths.keys()];
  return new Map(
    await Promise.all(names.map(async (name) => [name, await loadTemplate(paths.get(name) ?? '')] as const)),
  );
}

async function pathsIn(folder: string): Promise<readonly (readonly [string, string])[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => /\.ya?ml$/.test(name)).sort();
  return names.map((name) => [name.replace(/\.ya?ml$/, ''), join(folder, name)] as const);
}

/** Throws PROFILE_INVALID at the position in the template. */
export async function loadTemplate(path: string): Promise<Template> {
  const document = await readDocument(path);
  validateTemplate(document);
  checkParameters(document);
  return { name: basename(path).replace(/\.ya?ml$/, ''), document, ...readTemplateKeys(document) };
}

/** Checks that every `${with.x}` refers to a parameter of the template. Throws PROFILE_INVALID. */
function checkParameters({ value, position }: Document): void {
  const declared = Object.keys(asMap(value.parameters));
  for (const { text, path } of textsIn(value, [])) {
    const parts = parseText(text, { owners: connectionOwners, position: position(path), unknownOwners: 'accept' });
    const unknown = referencesAmong(parts).find(
      (reference) => reference.owner === 'with' && !declared.includes(reference.path.join('.')),
    );
    if (unknown !== undefined)
      throw invalid(
        `"${referenceText(unknown)}" refers to a parameter that this template does not have`,
        position(path),
        suggest(unknown.path.join('.'), declared),
      );
  }
}

function textsIn(value: Json, path: DocumentPath): readonly { readonly text: string; readonly path: DocumentPath }[] {
  if (typeof value === 'string') return value.includes('$') ? [{ text: value, path }] : [];
  if (Array.isArray(value)) return value.flatMap((child: Json, index) => textsIn(child, [...path, index]));
  return isMap(value) ? Object.entries(value).flatMap(([key, child]) => textsIn(child, [...path, key])) : [];
}
