import { EnvctlError, suggest } from '../../model/errors.js';
import type { Json, JsonMap } from '../../model/json.js';
import type { Position } from '../../model/profile.js';
import type { JsonSource } from '../shared/json-source.js';

/** One key to be written: the command behind its DEL, and how long it lives. */
export interface KeyWrite {
  readonly key: string;
  readonly command: readonly [name: string, ...values: string[]];
  readonly ttlMs: number | null;
}

/**
 * Keys of a seed file: `{ "key": "text" }`, or `{ "key": { "type": "hash", "value": { … }, "ttl": 60 } }` with ttl in seconds.
 * Values are texts or numbers. Throws SEED_FAILED at the value that cannot be stored.
 */
export function keysOf(source: JsonSource): readonly KeyWrite[] {
  const { value } = source;
  if (!isMap(value)) throw refused('a redis seed is a map of keys', source.at([]), 'Write { "key": "value", … }.');
  return Object.entries(value).map(([key, entry]) => ({ key, ...writeOf({ source, key, path: [] }, entry) }));
}

/** A value within a key's entry. */
interface Place {
  readonly source: JsonSource;
  readonly key: string;
  readonly path: readonly (string | number)[];
}

function inside(place: Place, ...steps: readonly (string | number)[]): Place {
  return { ...place, path: [...place.path, ...steps] };
}

function writeOf(place: Place, entry: Json): Omit<KeyWrite, 'key'> {
  if (isScalar(entry)) return { command: ['SET', String(entry)], ttlMs: null };
  if (!isMap(entry)) throw fail(place, `cannot be ${kindOf(entry)} as it stands`, LONG_FORM);
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
  'Write { "type": "hash", "value": { … } }, with type string, hash, list, set or zset; JSON as text needs quotes around it.';

function checkNames(place: Place, entry: JsonMap): void {
  const known = ['type', 'value', 'ttl'];
  const unknown = Object.keys(entry).find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw fail(
      inside(place, unknown),
      `has an unknown word "${unknown}"`,
      'type' in entry ? suggest(unknown, known) : LONG_FORM,
    );
}

function ttlOf(place: Place, ttl: Json | undefined): number | null {
  if (ttl === undefined || ttl === null) return null;
  if (typeof ttl === 'number' && ttl >= 0.001) return Math.round(ttl * 1000);
  throw fail(
    inside(place, 'ttl'),
    'has a ttl that is no number of seconds above 0',
    'Write "ttl": 60, or leave it out.',
  );
}

type Writer = (place: Place, value: Json | undefined) => KeyWrite['command'];
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

function scored(place: Place, value: Json | undefined): string[] {
  const pairs = Array.isArray(value)
    ? value.map((pair: Json, index) => pairAt(place, pair, index))
    : members(place, value);
  if (pairs.length === 0) throw empty(place);
  return pairs.flatMap(([member, score]) => {
    if (Number.isFinite(score)) return [String(score), String(member)];
    throw fail(
      place,
      `has a member ${JSON.stringify(member)} whose score is no number`,
      'Write { "member": 1.5 } or [["member", 1.5]].',
    );
  });
}

function pairAt(place: Place, pair: Json, index: number): readonly [string, Json] {
  if (Array.isArray(pair) && pair.length === 2) return [scalar(inside(place, index, 0), pair[0]), pair[1]];
  throw fail(inside(place, index), 'has a member without a score', 'Write { "member": 1.5 } or [["member", 1.5]].');
}

function items(place: Place, value: Json | undefined): string[] {
  if (!Array.isArray(value)) throw fail(place, 'needs a list as its value', 'Write "value": ["a", "b"].');
  if (value.length === 0) throw empty(place);
  return value.map((item: Json, index) => scalar(inside(place, index), item));
}

function members(place: Place, value: Json | undefined): [string, Json][] {
  if (!isMap(value)) throw fail(place, 'needs a map as its value', 'Write "value": { "name": … }.');
  if (Object.keys(value).length === 0) throw empty(place);
  return Object.entries(value);
}

function scalar(place: Place, value: Json | undefined): string {
  if (isScalar(value)) return String(value);
  throw fail(
    place,
    `has ${kindOf(value)} where Redis stores a text`,
    'Write a text or a number; JSON as text needs quotes around it.',
  );
}

function empty(place: Place): EnvctlError {
  return fail(place, 'is empty, and Redis has no empty collections', 'Leave the key out.');
}

function fail({ source, key, path }: Place, what: string, hint: string): EnvctlError {
  return refused(`the key "${key}" ${what}`, source.at([key, ...path]), hint);
}

function refused(message: string, position: Position, hint: string): EnvctlError {
  return new EnvctlError('SEED_FAILED', message, { hint, position });
}

function isMap(value: Json | undefined): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isScalar(value: Json | undefined): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

function kindOf(value: Json | undefined): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : 'a map';
}
