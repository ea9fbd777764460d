import { createHash } from 'node:crypto';
import { EnvctlError } from '../../model/errors.js';
import type { Json, JsonMap } from '../../model/json.js';
import type { Position } from '../../model/profile.js';
import type { LedgerEntry, SeedTask } from '../../model/protocol.js';
import { readJson } from './json-source.js';

/** Stubs of a file: one, a list of them, or a map that has the list under `list`. */
export interface StubFile {
  readonly stubs: readonly JsonMap[];
  /** Where the nth stub stands, or what is at `path` in it. */
  at(index: number, path?: readonly (string | number)[]): Position;
}

/** Throws SEED_FAILED where the file is not JSON, or a stub is not a map. */
export async function readStubs(task: SeedTask, { file, list }: { file: string; list: string }): Promise<StubFile> {
  const { value, at } = await readJson(task, file);
  const inMap = isMap(value) && Array.isArray(value[list]);
  const items = listOf(inMap ? value[list] : value);
  const path = (index: number): (string | number)[] => [
    ...(inMap ? [list] : []),
    ...(inMap || Array.isArray(value) ? [index] : []),
  ];
  const stubs = items.map((item, index) => {
    if (isMap(item)) return item;
    throw new EnvctlError('SEED_FAILED', 'a stub is a map', {
      hint: 'Write it as { "…": … }.',
      position: at(path(index)),
    });
  });
  return { stubs, at: (index, inner = []) => at([...path(index), ...inner]) };
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value];
}

function isMap(value: Json | undefined): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Which stub of which seed a loaded stub is. */
export interface Mark {
  readonly step: number;
  readonly hash: string;
  /** From 0, of `of`. */
  readonly n: number;
  readonly of: number;
}

/** A UUID that is the same for the same stub of the same seed (layout of RFC 9562, version 8). */
export function uuidOf(mark: Mark): string {
  const hex = createHash('sha256').update(`envctl ${mark.step} ${mark.hash} ${mark.n}`).digest('hex');
  const variant = '89ab'[Number.parseInt(hex[16] ?? '0', 16) % 4];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Seeds of which every stub is there. Others count as not loaded: putting them in again does no harm. */
export function entriesOf(marks: readonly Mark[]): readonly LedgerEntry[] {
  const seeds = new Map<string, { readonly mark: Mark; readonly seen: Set<number> }>();
  for (const mark of marks) {
    const key = `${mark.step} ${mark.hash}`;
    const seed = seeds.get(key) ?? { mark, seen: new Set() };
    seeds.set(key, seed);
    seed.seen.add(mark.n);
  }
  const whole = [...seeds.values()].filter(({ mark, seen }) => seen.size === mark.of);
  return whole
    .map(({ mark }) => ({ index: mark.step, hash: mark.hash, state: 'done' as const }))
    .sort((a, b) => a.index - b.index);
}
