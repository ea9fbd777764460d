import { dirname, resolve } from 'node:path';
import { EnvctlError } from '../../../model/errors.js';
import { asList, asMap, isMap, type Json } from '../../../model/json.js';
import type { Document } from '../../../model/profile.js';

/** A Compose file as it was written, and as it is handed to Compose. */
export interface ComposeSource {
  /** Absolute. */
  readonly path: string;
  /** Its text without `depends_on` and `x-envctl`, also where an anchor brings them in. */
  readonly stripped: string;
  readonly document: Document;
  /** `include:` as written. */
  readonly includes: readonly unknown[];
}

export interface Opened {
  readonly source: ComposeSource;
  readonly includes: readonly Include[];
}

/** `as written`: a path with a variable in it, which only Compose can tell. */
export type Include =
  | { readonly kind: 'as written'; readonly value: Json }
  | {
      readonly kind: 'opened';
      readonly files: readonly Opened[];
      readonly projectDirectory: string;
      readonly envFiles: readonly string[];
    };

export interface Sources {
  /** The files asked for. */
  readonly roots: readonly Opened[];
  /** These and everything they include, lowest layer first. */
  readonly all: readonly Opened[];
}

type Open = (path: string) => Promise<ComposeSource>;

/** Opens the files and, recursively, what they include. Throws PROFILE_INVALID for remote includes and for rings. */
export async function openSources(files: readonly string[], open: Open): Promise<Sources> {
  const directory = dirname(files[0] ?? '');
  const roots = await Promise.all(files.map((file) => openOne(file, { open, directory, chain: [] })));
  return { roots, all: roots.flatMap(layers) };
}

function layers(opened: Opened): readonly Opened[] {
  return [
    ...opened.includes.flatMap((include) => (include.kind === 'opened' ? include.files.flatMap(layers) : [])),
    opened,
  ];
}

interface Place {
  readonly open: Open;
  /** Folder that paths in the file are relative to. */
  readonly directory: string;
  readonly chain: readonly string[];
}

async function openOne(path: string, place: Place): Promise<Opened> {
  const source = await place.open(path);
  const entries = source.includes.map((entry, index) => ({
    entry: entry as Json,
    position: ['include', index] as const,
  }));
  for (const { entry, position } of entries) refuseRemote(entry, source.document, position);
  const inner = { ...place, chain: [...place.chain, path] };
  return {
    source,
    includes: await Promise.all(
      entries.map(({ entry, position }) => openInclude(entry, inner, () => source.document.position(position))),
    ),
  };
}

async function openInclude(
  entry: Json,
  place: Place,
  position: () => ReturnType<Document['position']>,
): Promise<Include> {
  const long = isMap(entry) ? entry : { path: entry };
  const paths = asList(long.path).map(String);
  const envFiles = asList(long.env_file).map(String);
  const given = long.project_directory;
  if ([...paths, ...envFiles, String(given ?? '')].some((path) => path.includes('$')))
    return { kind: 'as written', value: entry };
  const files = paths.map((path) => resolve(place.directory, path));
  const ring = files.find((file) => place.chain.includes(file));
  if (ring !== undefined)
    throw new EnvctlError('PROFILE_INVALID', `Files include each other: ${[...place.chain, ring].join(' → ')}`, {
      hint: 'Drop one of these includes.',
      position: position(),
    });
  const projectDirectory = typeof given === 'string' ? resolve(place.directory, given) : dirname(files[0] ?? '');
  const opened = await Promise.all(files.map((file) => openOne(file, { ...place, directory: projectDirectory })));
  return {
    kind: 'opened',
    files: opened,
    projectDirectory,
    envFiles: envFiles.map((file) => resolve(place.directory, file)),
  };
}

const remote = /^(https?|git|ssh|oci|file):\/\/|^git@|^github\.com\/|\.git(#|$)/;

function refuseRemote(entry: Json, document: Document, position: readonly (string | number)[]): void {
  const path = asList(isMap(entry) ? asMap(entry).path : entry)
    .map(String)
    .find((text) => remote.test(text));
  if (path === undefined) return;
  throw new EnvctlError('PROFILE_INVALID', `${path} is not a file of this machine: remote includes are refused`, {
    hint: 'Copy the file into the project and include it from there: what runs must not change from outside.',
    position: document.position(position),
  });
}
