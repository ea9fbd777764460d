import { EnvctlError, suggest } from '../../model/errors.js';
import { isMap, type Json, type JsonMap, type Scalar } from '../../model/json.js';
import type { Position } from '../../model/profile.js';
import type { JsonFile } from '../shared/json-file.js';

/** One key: the command that follows its DEL, and its time to live. */
export interface KeyWrite {
  readonly key: string;
  readonly command: readonly [name: string, ...values: string[]];
  readonly ttlMs: number | null;
}

/**
 * Keys of a seed file: `{ "key": "text" }`, or `{ "key": { "type": "hash", "value": { … }, "ttl": 60 } }`, ttl in
 * seconds. Throws SEED_FAILED at a value that Redis cannot store.
 */
export function keysOf(source: JsonFile): readonly KeyWrite[] {
  const { value } = source;
  if (!isMap(value))
    throw invalid('A redis seed must be a map of keys', source.at([]), 'Write `{ "key": "value", … }`.');
  return Object.entries(value).map(([key, entry]) => ({ key, ...writeOf({ source, key, path: [] }, entry) }));
}

/** A value in a key's entry. */
interface EntryPlace {
  readonly source: JsonFile;
  readonly key: string;
  readonly path: readonly (string | number)[];
}

function inside(place: EntryPlace, ...steps: readonly (string | number)[]): EntryPlace {
  return { ...place, path: [...place.path, ...steps] };
}

function writeOf(place: EntryPlace, entry: Json): Omit<KeyWrite, 'key'> {
  if (isScalar(entry)) return { command: ['SET', String(entry)], ttlMs: null };
  if (!isMap(entry)) throw fail(place, `cannot be ${kindOf(entry)} without a type`, LONG_FORM);
  checkNames(place, entry);
  const { value, ttl } = entry;
  const type = entry.type ?? (isScalar(value) ? 'string' : null);
  if (type === null) throw fail(place, 'has no type', LONG_FORM);
  const write = typeof type === 'string' && Object.hasOwn(writers, type) ? writers[type] : undefined;
  if (!write)
    throw fail(
      inside(place, 'type'),
      `has an unknown type ${JSON.stringify(type)}`,
      suggest(String(type), Object.keys(writers)),
    );
  return { command: write(inside(place, 'value'), value), ttlMs: ttlOf(place, ttl) };
}

const LONG_FORM =
  'Write `{ "type": "hash", "value": { … } }` with type string, hash, list, set or zset; put JSON text in quotes.';

function checkNames(place: EntryPlace, entry: JsonMap): void {
  const known = ['type', 'value', 'ttl'];
  const unknown = Object.keys(entry).find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw fail(
      inside(place, unknown),
      `has an unknown key "${unknown}"`,
      'type' in entry ? suggest(unknown, known) : LONG_FORM,
    );
}

function ttlOf(place: EntryPlace, ttl: Json | undefined): number | null {
  if (ttl === undefined || ttl === null) return null;
  if (typeof ttl === 'number' && ttl >= 0.001) return Math.round(ttl * 1000);
  throw fail(
    inside(place, 'ttl'),
    'has an invalid "ttl": it must be a positive number of seconds',
    'Write `"ttl": 60`, or leave it out.',
  );
}

type Writer = (place: EntryPlace, value: Json | undefined) => KeyWrite['command'];
const writers: Readonly<Record<string, Writer>> = {
  string: (place, value) => ['SET', scalar(place, value)],
  list: (place, value) => ['RPUSH', ...items(place, value)],
  set: (place, value) => ['SADD', ...items(place, value)],
  hash: (place, value) => [
    'HSET',
    ...members(place, value).flatMap(([field, inner]) => [field, scalar(inside(place, field), inner)]),
  ],
  zset: (place, value) => ['ZADD', ...scored(place, value)],
};

function scored(place: EntryPlace, value: Json | undefined): string[] {
  const pairs = Array.isArray(value)
    ? value.map((pair: Json, index) => pairAt(place, pair, index))
    : members(place, value);
  if (pairs.length === 0) throw empty(place);
  return pairs.flatMap(([member, score]) => {
    if (Number.isFinite(score)) return [String(score), String(member)];
    throw fail(
      place,
      `has a member ${JSON.stringify(member)} whose score is not a number`,
      'Write `{ "member": 1.5 }` or `[["member", 1.5]]`.',
    );
  });
}

function pairAt(place: EntryPlace, pair: Json, index: number): readonly [string, Json] {
  if (Array.isArray(pair) && pair.length === 2) return [scalar(inside(place, index, 0), pair[0]), pair[1]];
  throw fail(inside(place, index), 'has a member without a score', 'Write `{ "member": 1.5 }` or `[["member", 1.5]]`.');
}

function items(place: EntryPlace, value: Json | undefined): string[] {
  if (!Array.isArray(value)) throw fail(place, 'needs a list as its value', 'Write `"value": ["a", "b"]`.');
  if (value.length === 0) throw empty(place);
  return value.map((item: Json, index) => scalar(inside(place, index), item));
}

function members(place: EntryPlace, value: Json | undefined): [string, Json][] {
  if (!isMap(value)) throw fail(place, 'needs a map as its value', 'Write `"value": { "name": … }`.');
  if (Object.keys(value).length === 0) throw empty(place);
  return Object.entries(value);
}

function scalar(place: EntryPlace, value: Json | undefined): string {
  if (isScalar(value)) return String(value);
  throw fail(
    place,
    `has ${kindOf(value)} where Redis stores a string`,
    'Write a string or a number; put JSON in quotes.',
  );
}

function empty(place: EntryPlace): EnvctlError {
  return fail(place, 'is empty, and Redis has no empty collections', 'Leave the key out.');
}

function fail({ source, key, path }: EntryPlace, what: string, hint: string): EnvctlError {
  return invalid(`Key "${key}" ${what}`, source.at([key, ...path]), hint);
}

function invalid(message: string, position: Position, hint: string): EnvctlError {
  return new EnvctlError('SEED_FAILED', message, { hint, position });
}

function isScalar(value: Json | undefined): value is Scalar {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

function kindOf(value: Json | undefined): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : 'a map';
}
