import type { Format } from './variable.js';
import { readAll } from './variable.js';

const named: Readonly<Record<string, string>> = { '\t': 't', '\n': 'n', '\f': 'f', '\r': 'r' };
const characters: Readonly<Record<string, string>> = { t: '\t', n: '\n', f: '\f', r: '\r' };

/** Java's `Properties.load` (java.util.Properties): ASCII only, so that no reader has to know the encoding. */
export const properties: Format = {
  name: 'properties',
  refuse: () => null,
  write: (variables) => variables.map(([name, value]) => `${name}=${escaped(value)}\n`).join(''),
  read: (text) =>
    readAll(text, /^(\w+)=([^\n]*)\n/gmy, ([value = '']) =>
      value.replace(/\\(?:u([0-9a-f]{4})|([\s\S]))/g, (_, code: string | undefined, other: string) =>
        code === undefined ? (characters[other] ?? other) : String.fromCharCode(Number.parseInt(code, 16)),
      ),
    ),
};

function escaped(value: string): string {
  return value
    .replace(/^ |\\/g, '\\$&')
    .replace(
      /[^ -~]/g,
      (character) => `\\${named[character] ?? `u${character.charCodeAt(0).toString(16).padStart(4, '0')}`}`,
    );
}
