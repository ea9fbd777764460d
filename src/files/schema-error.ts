/** Turns a schema issue into a message that names the key, and the nearest valid one. */
import type { z } from 'zod';
import { suggest } from '../model/errors.js';
import { isMap, type Json, type JsonMap } from '../model/json.js';
import { describeValue } from '../profile/keys.js';

type Issue = z.core.$ZodIssue;
type Schema = z.core.$ZodType;
type ValuePath = readonly (string | number)[];

export interface SchemaError {
  readonly path: ValuePath;
  readonly message: string;
  readonly hint: string;
}

/** `value` is the whole document, which `schema` refuses with `issue`. */
export function schemaError(issue: Issue, value: JsonMap, schema: Schema, base: ValuePath = []): SchemaError {
  const path = [...base, ...pathOf(issue)];
  if (issue.code === 'invalid_union') {
    const inner = meantBranch(issue.errors, valueAt(value, path));
    if (inner) return schemaError(inner, value, schema, path);
  }
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    return { path: [...path, key], message: `Unknown key "${key}"`, hint: suggest(key, keysAt(schema, path)) };
  }
  const found = valueAt(value, path);
  const key = String(path.at(-1));
  if (found === undefined) return { path, message: `Missing key "${key}"`, hint: `Add \`${key}: …\`.` };
  return {
    path,
    message: `Invalid value for ${nameOf(path)}: ${describeValue(found)}`,
    hint: `Expected ${expectedBy(issue)}.`,
  };
}

const pathOf = (issue: Issue): ValuePath => issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key));

/** The union branch the user most likely meant; undefined if none matches at the top level, or several match `{}`. */
function meantBranch(branches: readonly (readonly Issue[])[], value: Json | undefined): Issue | undefined {
  const isOutside = (one: Issue): boolean => one.path.length === 0 && one.code !== 'unrecognized_keys';
  const cost = (issues: readonly Issue[]): number =>
    issues.reduce((sum, one) => sum + (one.code === 'unrecognized_keys' ? one.keys.length : 1), 0);
  const fitting = branches.filter((issues) => !issues.some(isOutside)).sort((a, b) => cost(a) - cost(b));
  const isEmpty = typeof value === 'object' && value !== null && Object.keys(value).length === 0;
  if (isEmpty && fitting.length > 1) return undefined;
  return fitting[0]?.find(({ code }) => code === 'unrecognized_keys') ?? fitting[0]?.[0];
}

/** The keys that `schema` allows at `path`, of all branches of its unions. */
export function keysAt(schema: Schema, path: ValuePath): readonly string[] {
  const { def } = schema._zod as { readonly def: SchemaDefinition };
  if (def.innerType) return keysAt(def.innerType, path);
  if (def.options) return def.options.flatMap((option) => keysAt(option, path));
  const [key, ...rest] = path;
  if (key === undefined) return Object.keys(def.shape ?? {});
  const inner = def.shape?.[key] ?? def.valueType ?? def.element;
  return inner ? keysAt(inner, rest) : [];
}

/** The properties of the schemas that contain others. */
interface SchemaDefinition {
  /** Of an optional or nullable one. */
  readonly innerType?: Schema;
  /** Of a union. */
  readonly options?: readonly Schema[];
  /** Of a map with given keys. */
  readonly shape?: Readonly<Record<string, Schema>>;
  /** Of a map with any keys. */
  readonly valueType?: Schema;
  /** Of a list. */
  readonly element?: Schema;
}

function valueAt(value: Json, path: ValuePath): Json | undefined {
  let here: Json | undefined = value;
  for (const key of path) here = Array.isArray(here) ? here[Number(key)] : isMap(here) ? here[key] : undefined;
  return here;
}

/** An entry of a list has the name of the list. */
function nameOf(path: ValuePath): string {
  const last = path.at(-1);
  return typeof last === 'number' ? `entry ${last + 1} of "${String(path.at(-2))}"` : `"${String(last)}"`;
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  record: 'a map',
  object: 'a map',
};

/** The schema's message, or the name of its type. */
function expectedBy(issue: Issue): string {
  if (issue.code === 'invalid_type')
    return /^Invalid/.test(issue.message) ? (typeNames[issue.expected] ?? issue.expected) : issue.message;
  return /^(Invalid|Too)/.test(issue.message) ? 'another value' : issue.message;
}
