import { existsSync, realpathSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import type { ReadCompose } from '../model/compose-reader.js';
import { EnvctlError } from '../model/errors.js';
import type { Document, Layer } from '../model/profile.js';
import { liftEnvctlKeys } from '../profile/layers/x-envctl.js';
import { strings } from '../profile/service/parameters.js';
import { findProfile } from './project.js';
import { validateComposeFile, validateProfile } from './validate-profile.js';
import { readDocument } from './yaml/document.js';

export interface LoadOptions {
  readonly project: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readCompose: ReadCompose;
  readonly signal: AbortSignal;
}

/** The layers of a profile, lowest first: included Compose files, its bases, itself, its local override. */
export async function loadProfile(name: string, options: LoadOptions): Promise<readonly Layer[]> {
  const found = await findProfile(options.project, name);
  const chain = await withExtended(found, { chain: [], seen: new Map(), options });
  const local = found.path.replace(/(\.ya?ml)$/, '.local$1');
  const useLocal = !options.env.CI && existsSync(local);
  const documents = [...chain, ...(useLocal ? [await readLocal(local)] : [])];
  const included = await includedLayer(documents, options);
  return [
    ...included,
    ...documents.map((document): Layer => ({ kind: document.path === local ? 'local' : 'profile', document })),
  ];
}

/** One layer from plain Compose files (`-f`). */
export async function loadCompose(files: readonly string[], options: LoadOptions): Promise<readonly Layer[]> {
  const composed = await options.readCompose({
    files: files.map((file) => resolve(file)),
    env: options.env,
    signal: options.signal,
  });
  const document = liftEnvctlKeys(composed);
  validateComposeFile(document);
  return [{ kind: 'compose', document }];
}

async function readProfile(path: string): Promise<Document> {
  const document = liftEnvctlKeys(await readDocument(path));
  validateProfile(document);
  return document;
}

async function readLocal(path: string): Promise<Document> {
  const document = await readProfile(path);
  if (document.value.extends === undefined || document.value.extends === null) return document;
  throw new EnvctlError('PROFILE_INVALID', 'A local override cannot extend a profile', {
    hint: 'Move `extends` to the profile itself.',
    position: document.position(['extends']),
  });
}

interface Extending {
  /** Names from the requested profile to the one being read. */
  readonly chain: readonly string[];
  /** Each is read once: a profile that two others extend is below both. */
  readonly seen: Map<string, Document>;
  readonly options: LoadOptions;
}

/** An extended profile comes before the one that extends it. Throws CYCLE. */
async function withExtended(
  { name, path }: { readonly name: string; readonly path: string },
  { chain, seen, options }: Extending,
): Promise<readonly Document[]> {
  const document = seen.get(name) ?? (await readProfile(path));
  seen.set(name, document);
  const below: Document[] = [];
  for (const [index, base] of strings(document.value.extends).entries()) {
    const position = document.position(['extends', index]);
    if ([...chain, name].includes(base)) throw extendsCycle([...chain, name, base], position);
    if (seen.has(base)) continue;
    below.push(
      ...(await withExtended(await findBase(base, { position, options }), { chain: [...chain, name], seen, options })),
    );
  }
  return [...below, document];
}

async function findBase(
  name: string,
  { position, options }: { readonly position: ReturnType<Document['position']>; readonly options: LoadOptions },
): ReturnType<typeof findProfile> {
  try {
    return await findProfile(options.project, name);
  } catch (error) {
    throw error instanceof EnvctlError
      ? new EnvctlError(error.code, error.message, { hint: error.hint, position })
      : error;
  }
}

async function includedLayer(documents: readonly Document[], options: LoadOptions): Promise<readonly Layer[]> {
  const files = documents.flatMap((document) =>
    strings(document.value.include).map((file, index) =>
      insideProject(file, { document, index, project: options.project }),
    ),
  );
  return files.length === 0 ? [] : loadCompose([...new Set(files)], options);
}

/** The absolute path. Throws PROFILE_INVALID outside of the project, links included; PROFILE_UNKNOWN if missing. */
function insideProject(
  file: string,
  { document, index, project }: { readonly document: Document; readonly index: number; readonly project: string },
): string {
  const path = resolve(dirname(document.path), file);
  const position = document.position(['include', index]);
  if (/^[a-z]+:\/\/|^git@/.test(file) || leavesProject(path, project)) {
    throw new EnvctlError('PROFILE_INVALID', `"${file}" is outside of the project (${project})`, {
      hint: 'Copy the file into the project and include it from there.',
      position,
    });
  }
  if (!existsSync(path))
    throw new EnvctlError('PROFILE_UNKNOWN', `${path} does not exist`, {
      hint: "Paths in a profile are relative to the profile's file.",
      position,
    });
  if (leavesProject(realpathSync(path), realpathSync(project))) {
    throw new EnvctlError('PROFILE_INVALID', `"${file}" is a link to a file outside of the project (${project})`, {
      hint: 'Copy the file into the project and include it from there.',
      position,
    });
  }
  return path;
}

const leavesProject = (path: string, project: string): boolean => /^\.\.([\\/]|$)/.test(relative(project, path));

function extendsCycle(chain: readonly string[], position: ReturnType<Document['position']>): EnvctlError {
  return new EnvctlError('CYCLE', `Profiles extend each other: ${chain.join(' → ')}`, {
    hint: 'Remove one of these `extends`.',
    position,
  });
}
