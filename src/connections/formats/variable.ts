import type { FormatName } from './format-names.js';

export type Variable = readonly [name: string, value: string];

/** A notation for environment variables. Everything here is pure. */
export interface Format {
  readonly name: FormatName;
  /** The part of the variable that this target cannot represent exactly (`a line break`); null: none known. */
  refuse(variable: Variable): string | null;
  write(variables: readonly Variable[]): string;
  /** Reads a text written by `write` as the target does. */
  read(text: string): readonly Variable[];
}

/** The description of the first pattern found in the value. */
export function reason(value: string, table: readonly (readonly [pattern: RegExp, words: string])[]): string | null {
  return table.find(([pattern]) => pattern.test(value))?.[1] ?? null;
}

/** A text file cannot hold half a character. */
export const halfCharacter = [/\p{Cs}/u, 'half of a surrogate pair'] as const;

/** Characters that no environment variable can hold. */
export const impossible = [[/\0/, 'a NUL character'], halfCharacter] as const;

export const lineBreaks = [
  [/\n/, 'a line break'],
  [/\r/, 'a carriage return'],
] as const;

/** Reads `text` as one match of `line` after the other; group 1 is the name, the rest goes to `value`. */
export function readAll(text: string, line: RegExp, value: (groups: readonly string[]) => string): readonly Variable[] {
  return Array.from(text.matchAll(line), ([, name = '', ...groups]): Variable => [name, value(groups)]);
}
