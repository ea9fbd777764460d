/** What a schema complains of, in a sentence that names the place, the word and the nearest right one. */
import type { z } from 'zod';
import { suggest } from '../model/errors.js';
import type { Json, JsonMap } from '../model/json.js';
import { seedKinds } from '../profile/seeds/kinds.js';

type Issue = z.core.$ZodIssue;
type Path = readonly (string | number)[];

export interface Explained {
  readonly path: Path;
  readonly text: string;
  readonly hint: string;
}

/** `topKeys` are the keys that may stand at the top of `value`. */
export function explain(issue: Issue, value: JsonMap, topKeys: readonly string[], base: Path = []): Explained {
  const path = [...base, ...pathOf(issue)];
  if (issue.code === 'invalid_union') {
    const inner = meantBranch(issue.errors, at(value, path));
    if (inner) return explain(inner, value, topKeys, path);
  }
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    return {
      path: [...path, key],
      text: `unknown key "${key}"`,
      hint: suggest(key, path.length === 0 ? topKeys : keysAround(path)),
    };
  }
  const name = nameOf(path);
  if (at(value, path) === undefined)
    return { path, text: `${name} is missing`, hint: `Add \`${String(path.at(-1))}: …\`.` };
  const found = shown(at(value, path));
  return { path, text: `${name} cannot be ${found}`, hint: `It takes ${wordsOf(issue)}, not ${found}.` };
}

const pathOf = (issue: Issue): Path => issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key));

/** Of a union's branches the one that fits best but for something inside; undefined: none fits even from outside, or an empty map tells nothing. */
function meantBranch(branches: readonly (readonly Issue[])[], value: Json | undefined): Issue | undefined {
  const isOutside = (one: Issue): boolean => one.path.length === 0 && one.code !== 'unrecognized_keys';
  const cost = (issues: readonly Issue[]): number =>
    issues.reduce((sum, one) => sum + (one.code === 'unrecognized_keys' ? one.keys.length : 1), 0);
  const fitting = branches.filter((issues) => !issues.some(isOutside)).sort((a, b) => cost(a) - cost(b));
  const isEmpty = typeof value === 'object' && value !== null && Object.keys(value).length === 0;
  if (isEmpty && fitting.length > 1) return undefined;
  return fitting[0]?.find(({ code }) => code === 'unrecognized_keys') ?? fitting[0]?.[0];
}

/** Keys that are right somewhere below the nearest of our words. */
function keysAround(path: Path): readonly string[] {
  const words: Readonly<Record<string, readonly string[]>> = {
    seed: ['after', 'steps', ...Object.values(seedKinds).flatMap(({ keys }) => Object.keys(keys))],
    parameters: ['default', 'type', 'values', 'summary', 'secret', 'from', 'absent'],
    process: ['command', 'port', 'ports', 'cwd', 'run'],
    connection: ['url', 'env', 'ports'],
    ports: ['url'],
  };
  return words[String(path.findLast((part) => typeof part === 'string' && Object.hasOwn(words, part)))] ?? [];
}

function at(value: Json, path: Path): Json | undefined {
  let here: Json | undefined = value;
  for (const key of path)
    here = typeof here === 'object' && here !== null ? (here as Record<string | number, Json>)[key] : undefined;
  return here;
}

/** An entry of a list is named by what holds it. */
function nameOf(path: Path): string {
  const last = path.at(-1);
  return typeof last === 'number' ? `entry ${last + 1} of "${String(path.at(-2))}"` : `"${String(last)}"`;
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  record: 'a map',
  object: 'a map',
};

/** The schema's own words, or what its type is called. */
function wordsOf(issue: Issue): string {
  if (issue.code === 'invalid_type')
    return /^Invalid/.test(issue.message) ? (typeWords[issue.expected] ?? issue.expected) : issue.message;
  return /^(Invalid|Too)/.test(issue.message) ? 'another value' : issue.message;
}

function shown(value: Json | undefined): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'a map';
  return value === null ? 'empty' : `"${String(value)}"`;
}
