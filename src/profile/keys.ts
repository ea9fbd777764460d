/** Keys of a seed step or a probe: one declaration, from which schema, reading and error messages follow. */

import { EnvctlError } from '../model/errors.js';
import { isMap, type TemplateMap, type TemplateTree } from '../model/json.js';
import { isTemplateText, type Position, type TemplateString } from '../model/template-text.js';
import { commandArguments } from './references/rewrite.js';
import { asText, displayText } from './references/template-text.js';
import { isScalar } from './service/parameters.js';

/** The value of a key, by the key's type. */
export interface KeyTypes {
  readonly text: string;
  /** Absolute: paths are relative to the file that has them. */
  readonly path: string;
  /** A path; without it the folder of the file that has the entry. */
  readonly folder: string;
  readonly character: string;
  readonly integer: number;
  readonly json: TemplateTree;
  /** Name of a service of the profile. */
  readonly service: string;
  /** Text that may hold references. */
  readonly template: TemplateString;
  readonly templates: Readonly<Record<string, TemplateString>>;
  readonly command: readonly TemplateString[];
}
export type KeyType = keyof KeyTypes;

export interface KeyDeclaration {
  readonly type: KeyType;
  readonly required?: true;
  /** Shown by editors and in the reference. */
  readonly describe?: string;
  /** Completes `Expected …` if the type's own text is too general. */
  readonly expected?: string;
}
export type KeyDeclarations = Readonly<Record<string, KeyDeclaration>>;

/** The values of declared keys; undefined for missing ones. */
export type ValuesOf<D extends KeyDeclarations> = {
  readonly [K in keyof D]:
    | KeyTypes[D[K]['type']]
    | (D[K] extends { readonly required: true } | { readonly type: 'folder' } ? never : undefined);
};

export interface EntryContext {
  /** Position of a key of the entry; without arguments of the entry itself. */
  readonly at: (...path: readonly (string | number)[]) => Position;
  /** Names of all services of the profile. */
  readonly services: readonly string[];
}

/** Reads the declared keys of an entry; others are ignored. Throws PROFILE_INVALID at a missing or wrong key. */
export function readKeys<D extends KeyDeclarations>(entry: TemplateMap, keys: D, { at }: EntryContext): ValuesOf<D> {
  const values = Object.entries(keys).map(([key, declaration]) => {
    const value = entry[key];
    if (value === undefined || value === null) {
      if (declaration.required) throw missingKey(key, at());
      return [key, undefined] as const;
    }
    const read = readers[declaration.type](value);
    if (read === undefined) throw invalidValue(key, { value, expected: expectedOf(declaration), position: at(key) });
    return [key, read] as const;
  });
  return Object.fromEntries(values) as ValuesOf<D>;
}

const isText = (value: TemplateTree): boolean => isScalar(value) || isTemplateText(value);

const literal = (value: TemplateTree): string | undefined => (isText(value) ? displayText(value) : undefined);

/** undefined: the value does not fit the type. */
const readers: { readonly [T in KeyType]: (value: TemplateTree) => KeyTypes[T] | undefined } = {
  text: literal,
  path: literal,
  folder: literal,
  character: literal,
  service: literal,
  integer: (value) => (typeof value === 'number' && Number.isInteger(value) ? value : undefined),
  json: (value) => value,
  template: (value) => (isText(value) && value !== '' ? asText(value) : undefined),
  templates: (value) =>
    isMap(value) ? Object.fromEntries(Object.entries(value).map(([key, text]) => [key, asText(text)])) : undefined,
  command: (value) => {
    const list = Array.isArray(value) ? value : [value];
    const argv = list.every(isText) ? commandArguments(value) : [];
    return argv.length > 0 ? argv : undefined;
  },
};

const expectations: { readonly [T in KeyType]: string } = {
  text: 'a string',
  path: 'a path',
  folder: 'a path',
  character: 'one character',
  service: 'the name of a service',
  integer: 'a whole number',
  json: 'any value',
  template: 'a string',
  templates: 'a map of texts',
  command: 'a command line or a list of arguments',
};

export const expectedOf = ({ type, expected }: KeyDeclaration): string => expected ?? expectations[type];

interface InvalidValue {
  readonly value: TemplateTree;
  readonly expected: string;
  readonly position: Position;
}

export function invalidValue(key: string, { value, expected, position }: InvalidValue): EnvctlError {
  return new EnvctlError('PROFILE_INVALID', `Invalid value for "${key}": ${describeValue(value)}`, {
    hint: `Expected ${expected}.`,
    position,
  });
}

function missingKey(key: string, position: Position): EnvctlError {
  return new EnvctlError('PROFILE_INVALID', `Missing key "${key}"`, { hint: `Add \`${key}: …\`.`, position });
}

/** A value in an error message: scalars quoted, others by their type. */
export function describeValue(value: TemplateTree | undefined): string {
  if (Array.isArray(value)) return 'a list';
  if (isMap(value)) return 'a map';
  return value === null || value === undefined ? 'empty' : `"${displayText(value)}"`;
}
