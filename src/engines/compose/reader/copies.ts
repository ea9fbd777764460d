import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Json } from '../../../model/json.js';
import type { Include, OpenedFile } from './sources.js';

export interface FileCopy {
  readonly original: string;
  readonly copy: string;
}

export interface CopyTree extends FileCopy {
  /** This copy and those of all included files. */
  readonly all: readonly FileCopy[];
}

/** Writes the files for Compose, each file and its includes, under generated names. */
export async function writeCopies(folder: string, roots: readonly OpenedFile[]): Promise<readonly CopyTree[]> {
  let count = 0;
  const write = async ({ source, includes }: OpenedFile): Promise<CopyTree> => {
    const copy = join(folder, `${count++}.yaml`);
    const below = await Promise.all(
      includes.map(async (include) => (include.kind === 'opened' ? Promise.all(include.files.map(write)) : [])),
    );
    const entries = includes.map((include, index) => includeEntry(include, below[index] ?? []));
    await writeFile(copy, withIncludes(source.stripped, entries), { mode: 0o600, flag: 'wx' });
    const written = { original: source.path, copy };
    return { ...written, all: [written, ...below.flat().flatMap(({ all }) => all)] };
  };
  return Promise.all(roots.map(write));
}

/** The long form with absolute paths, because the copy is in another folder than its original. */
function includeEntry(include: Include, copies: readonly FileCopy[]): Json {
  if (include.kind === 'unresolved') return include.value;
  return {
    path: copies.map(({ copy }) => copy),
    project_directory: include.projectDirectory,
    ...(include.envFiles.length > 0 ? { env_file: include.envFiles } : {}),
  };
}

/** A top-level `include` as the YAML printer writes it: its line, and the indented, empty and comment lines below. */
const includeBlock = /^(?:include|"include"|'include') *:.*\n?(?:(?:[ \t].*|#.*|)\n)*(?:[ \t].+$)?/m;

/**
 * Replaces the entries of `include`; JSON is valid YAML. A file that writes `include` in a form that the pattern does
 * not match keeps it, and Compose reads the originals.
 */
function withIncludes(stripped: string, entries: readonly Json[]): string {
  if (entries.length === 0) return stripped;
  return stripped.replace(includeBlock, () => `include: ${JSON.stringify(entries)}\n`);
}
