import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Json } from '../../../model/json.js';
import type { Include, Opened } from './sources.js';

export interface Copy {
  readonly original: string;
  readonly copy: string;
}

/** Writes what Compose shall read, each file and what it includes, under names of our own. */
export async function writeCopies(
  folder: string,
  roots: readonly Opened[],
): Promise<readonly (Copy & { readonly all: readonly Copy[] })[]> {
  let count = 0;
  const write = async ({ source, includes }: Opened): Promise<Copy & { readonly all: readonly Copy[] }> => {
    const copy = join(folder, `${count++}.yaml`);
    const below = await Promise.all(
      includes.map(async (include) => (include.kind === 'opened' ? Promise.all(include.files.map(write)) : [])),
    );
    const entries = includes.map((include, index) => includeEntry(include, below[index] ?? []));
    await writeFile(copy, withIncludes(source.stripped, entries), { mode: 0o600, flag: 'wx' });
    const own = { original: source.path, copy };
    return { ...own, all: [own, ...below.flat().flatMap(({ all }) => all)] };
  };
  return Promise.all(roots.map(write));
}

/** The long form, everything absolute: a copy stands elsewhere than its original. */
function includeEntry(include: Include, copies: readonly Copy[]): Json {
  if (include.kind === 'as written') return include.value;
  const path = copies.map(({ copy }) => copy);
  return {
    path,
    project_directory: include.projectDirectory,
    ...(include.envFiles.length > 0 ? { env_file: include.envFiles } : {}),
  };
}

/** A top-level `include` as the YAML printer writes it: its line, and the indented, empty and comment lines below. */
const block = /^(?:include|"include"|'include') *:.*\n?(?:(?:[ \t].*|#.*|)\n)*(?:[ \t].+$)?/m;

/** JSON is YAML: the new entries take the place of the written ones. A file that writes `include` in another form keeps it, and Compose reads the originals. */
function withIncludes(stripped: string, entries: readonly Json[]): string {
  return entries.length === 0 ? stripped : stripped.replace(block, () => `include: ${JSON.stringify(entries)}\n`);
}
