import { dirname, resolve } from 'node:path';
import type { ComposeSource } from '../../../model/compose-reader.js';
import { EnvctlError } from '../../../model/errors.js';
import { asList, isMap, type Json } from '../../../model/json.js';
import type { Document, Position } from '../../../model/profile.js';

export interface OpenedFile {
  readonly source: ComposeSource;
  readonly includes: readonly Include[];
}

export type Include =
  /** Has a variable in a path, which only Compose can interpolate. */
  | { readonly kind: 'unresolved'; readonly value: Json }
  | {
      readonly kind: 'opened';
      readonly files: readonly OpenedFile[];
      readonly projectDirectory: string;
      readonly envFiles: readonly string[];
    };

export interface OpenedSources {
  /** The requested files. */
  readonly roots: readonly OpenedFile[];
  /** The requested files and all included ones, lowest layer first. */
  readonly all: readonly OpenedFile[];
}

export type OpenSource = (path: string) => Promise<ComposeSource>;

/** Opens the files and, recursively, those they include. Throws PROFILE_INVALID for remote and cyclic includes. */
export async function openSources(files: readonly string[], open: OpenSource): Promise<OpenedSources> {
  const directory = dirname(files[0] ?? '');
  const roots = await Promise.all(files.map((file) => openFile(file, { open, directory, chain: [] })));
  return { roots, all: roots.flatMap(layersOf) };
}

function layersOf(file: OpenedFile): readonly OpenedFile[] {
  const included = file.includes.flatMap((include) => (include.kind === 'opened' ? include.files : []));
  return [...included.flatMap(layersOf), file];
}

interface IncludeContext {
  readonly open: OpenSource;
  /** Paths in the file are relative to it. */
  readonly directory: string;
  /** The files whose includes led here. */
  readonly chain: readonly string[];
}

async function openFile(path: string, context: IncludeContext): Promise<OpenedFile> {
  const source = await context.open(path);
  const inner = { ...context, chain: [...context.chain, path] };
  const includes = await Promise.all(
    source.includes.map((entry, index) => {
      refuseRemote(entry, source.document, index);
      return openInclude(entry, inner, () => source.document.position(['include', index]));
    }),
  );
  return { source, includes };
}

async function openInclude(entry: Json, context: IncludeContext, position: () => Position): Promise<Include> {
  const { path, env_file, project_directory: directory } = isMap(entry) ? entry : { path: entry };
  const [paths, envFiles] = [asList(path).map(String), asList(env_file).map(String)];
  if ([...paths, ...envFiles, String(directory ?? '')].some((text) => text.includes('$')))
    return { kind: 'unresolved', value: entry };
  const files = paths.map((file) => resolve(context.directory, file));
  refuseCycle(files, context.chain, position);
  const projectDirectory =
    typeof directory === 'string' ? resolve(context.directory, directory) : dirname(files[0] ?? '');
  return {
    kind: 'opened',
    files: await Promise.all(files.map((file) => openFile(file, { ...context, directory: projectDirectory }))),
    projectDirectory,
    envFiles: envFiles.map((file) => resolve(context.directory, file)),
  };
}

function refuseCycle(files: readonly string[], chain: readonly string[], position: () => Position): void {
  const repeated = files.find((file) => chain.includes(file));
  if (repeated === undefined) return;
  throw new EnvctlError('PROFILE_INVALID', `Files include each other: ${[...chain, repeated].join(' → ')}`, {
    hint: 'Remove one of these includes.',
    position: position(),
  });
}

const remoteAddress = /^(https?|git|ssh|oci|file):\/\/|^git@|^github\.com\/|\.git(#|$)/;

function refuseRemote(entry: Json, document: Document, index: number): void {
  const path = asList(isMap(entry) ? entry.path : entry)
    .map(String)
    .find((text) => remoteAddress.test(text));
  if (path === undefined) return;
  throw new EnvctlError('PROFILE_INVALID', `Remote includes are not supported: ${path}`, {
    hint: 'Copy the file into the project and include the copy, so that the environment does not change unnoticed.',
    position: document.position(['include', index]),
  });
}
