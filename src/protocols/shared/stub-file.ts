import { createHash } from 'node:crypto';
import { EnvctlError } from '../../model/errors.js';
import { asList, isMap, type JsonMap } from '../../model/json.js';
import type { Position } from '../../model/profile.js';
import type { LedgerEntry, SeedTask } from '../../model/protocol.js';
import { readJson } from './json-file.js';

/** The stubs of a file: one, a list of them, or a map that has the list under `list`. */
export interface StubFile {
  readonly stubs: readonly JsonMap[];
  /** Position of the nth stub, or of the value at `path` in it. */
  at(index: number, path?: readonly (string | number)[]): Position;
}

/** Throws SEED_FAILED if the file is not JSON or a stub is not a map. */
export async function readStubs(task: SeedTask, { file, list }: { file: string; list: string }): Promise<StubFile> {
  const { value, at } = await readJson(task, file);
  const inMap = isMap(value) && Array.isArray(value[list]);
  const items = inMap ? asList(value[list]) : Array.isArray(value) ? value : [value];
  const path = (index: number): (string | number)[] => [
    ...(inMap ? [list] : []),
    ...(inMap || Array.isArray(value) ? [index] : []),
  ];
  const stubs = items.map((item, index) => {
    if (isMap(item)) return item;
    throw new EnvctlError('SEED_FAILED', 'A stub must be a map', {
      hint: 'Write it as `{ "…": … }`.',
      position: at(path(index)),
    });
  });
  return { stubs, at: (index, inner = []) => at([...path(index), ...inner]) };
}

/** Identifies a loaded stub: which stub of which seed it is. */
export interface StubMark {
  /** Index of the seed step. */
  readonly step: number;
  readonly hash: string;
  /** From 0, of `of`. */
  readonly n: number;
  readonly of: number;
}

/** A UUID (RFC 9562, version 8) that is the same for the same stub of the same seed. */
export function uuidOf({ step, hash, n }: StubMark): string {
  const hex = createHash('sha256').update(`envctl ${step} ${hash} ${n}`).digest('hex');
  const variant = '89ab'[Number.parseInt(hex[16] ?? '0', 16) % 4];
  const groups = [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `${variant}${hex.slice(17, 20)}`];
  return [...groups, hex.slice(20, 32)].join('-');
}

/** The seeds whose stubs are all loaded. Others count as not loaded: loading them again is harmless. */
export function entriesOf(marks: readonly StubMark[]): readonly LedgerEntry[] {
  const seeds = new Map<string, { readonly mark: StubMark; readonly seen: Set<number> }>();
  for (const mark of marks) {
    const key = `${mark.step} ${mark.hash}`;
    const seed = seeds.get(key) ?? { mark, seen: new Set() };
    seeds.set(key, seed);
    seed.seen.add(mark.n);
  }
  const complete = [...seeds.values()].filter(({ mark, seen }) => seen.size === mark.of);
  return complete
    .map(({ mark }) => ({ index: mark.step, hash: mark.hash, state: 'done' as const }))
    .sort((a, b) => a.index - b.index);
}
