import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { ReadCompose } from '../core/contracts.js';
import type { Document, JsonMap, Layer } from '../core/environment.js';
import { EnvctlError } from '../core/errors.js';
import { isMap } from '../core/resolve/merge.js';
import { strings } from '../core/resolve/parameters.js';
import { readDocument } from './document.js';
import { findProfile } from './project.js';
import { serviceWords } from './schema.js';
import { validateProfile } from './validate.js';

export interface LoadOptions {
  readonly project: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly readCompose: ReadCompose;
  readonly signal: AbortSignal;
}

/** The layers of a profile by name, lowest first: included Compose files, what it extends, itself, the local override. */
export async function loadProfile(name: string, options: LoadOptions): Promise<readonly Layer[]> {
  const found = await findProfile(options.project, name);
  const chain = await withExtended(found.path, [name], options);
  const local = found.path.replace(/(\.ya?ml)$/, '.local$1');
  const useLocal = !options.environment.CI && existsSync(local);
  const documents = [...chain, ...(useLocal ? [await readProfile(local)] : [])];
  const included = await includedLayer(documents, options);
  return [...included, ...documents.map((document): Layer => ({ kind: document.path === local ? 'local' : 'profile', document }))];
}

/** One layer from plain Compose files, as `-f` gives them. */
export async function loadCompose(files: readonly string[], options: LoadOptions): Promise<readonly Layer[]> {
  const document = await options.readCompose({ files: files.map((file) => resolve(file)), environment: options.environment, signal: options.signal });
  validateProfile(ownPart(document));
  return [{ kind: 'compose', document }];
}

async function readProfile(path: string): Promise<Document> {
  const document = await readDocument(path);
  validateProfile(document);
  return document;
}

/** A profile that is extended comes before the one that extends it. */
async function withExtended(path: string, chain: readonly string[], options: LoadOptions): Promise<readonly Document[]> {
  const document = await readProfile(path);
  const below: Document[] = [];
  for (const base of strings(document.value.extends)) {
    if (chain.includes(base)) throw extendsCycle([...chain, base], document);
    const found = await findProfile(options.project, base).catch((error: unknown) => {
      throw error instanceof EnvctlError ? new EnvctlError(error.code, error.message, { hint: error.hint, position: document.position(['extends']) }) : error;
    });
    below.push(...(await withExtended(found.path, [...chain, base], options)));
  }
  return [...below, document];
}

async function includedLayer(documents: readonly Document[], options: LoadOptions): Promise<readonly Layer[]> {
  const files = documents.flatMap((document) => strings(document.value.include).map((file) => resolve(dirname(document.path), file)));
  return files.length === 0 ? [] : loadCompose([...new Set(files)], options);
}

/** Compose has checked its own words; ours are checked as in any profile. */
function ownPart(document: Document): Document {
  const services = isMap(document.value.services) ? document.value.services : {};
  const own = Object.entries(services).map(([name, service]) => {
    const entries = Object.entries((service ?? {}) as JsonMap).filter(([key]) => key in serviceWords && key !== 'ports');
    return [name, Object.fromEntries(entries)] as const;
  });
  const top = Object.fromEntries(Object.entries(document.value).filter(([key]) => ['summary', 'parameters', 'exports', 'extends'].includes(key)));
  return { ...document, value: { ...top, services: Object.fromEntries(own) } };
}

function extendsCycle(chain: readonly string[], document: Document): EnvctlError {
  return new EnvctlError('CYCLE', `profiles extend each other: ${chain.join(' → ')}`, { hint: 'Drop one of these extends.', position: document.position(['extends']) });
}
