import { parseEnv } from 'node:util';
import type { Format, Variable } from './variable.js';
import { impossible, readAll, reason } from './variable.js';

/**
 * A `.env` file. There is no single dialect: a value is written in the plainest way that both Node (util.parseEnv) and
 * the `dotenv` package read back exactly, so shells, Compose and others mostly agree too.
 */
export const dotenv: Format = {
  name: 'dotenv',
  refuse: (variable) =>
    reason(variable[1], impossible) ?? (lineOf(variable) === null ? 'characters that no kind of quotes keeps' : null),
  write: (variables) => variables.map((variable) => lineOf(variable) ?? '').join(''),
  read: (text) => {
    const other = packageReads(text);
    return nodeReads(text).filter(([name, value]) => other.get(name) === value);
  },
};

function lineOf([name, value]: Variable): string | null {
  const lines = ways(value).map((written) => `${name}=${written}\n`);
  return lines.find((line) => dotenv.read(line)[0]?.[1] === value) ?? null;
}

function ways(value: string): readonly string[] {
  const bare = /^[\w./:@%+,=-]+$/.test(value) ? [value] : [];
  // The package treats a quote after a backslash as part of the value, and reads on into the next line.
  if (value.endsWith('\\')) return /^['"`]/.test(value) ? [] : [value];
  // Compose and python-dotenv expand these between double quotes; both know no backticks.
  const double = /[$`\\"]/.test(value) ? [] : [`"${value}"`];
  return [...bare, `'${value}'`, ...double, `\`${value}\``, `"${value}"`, `"${value.replaceAll('\n', '\\n')}"`];
}

function nodeReads(text: string): readonly Variable[] {
  return Object.entries(parseEnv(text)).map(([name, value]): Variable => [name, value ?? '']);
}

/** The grammar of the `dotenv` package, from its README and lib/main.js. */
const quotedOrPlain = /\s*'(?:\\'|[^'])*'|\s*"(?:\\"|[^"])*"|\s*`(?:\\`|[^`])*`|[^#\r\n]+/.source;
const assignment = /^\s*(?:export\s+)?([\w.-]+)(?:\s*=\s*?|:\s+?)/.source;

function packageReads(text: string): ReadonlyMap<string, string> {
  const line = new RegExp(`${assignment}(${quotedOrPlain})?\\s*(?:#.*)?$`, 'gm');
  return new Map(readAll(text.replace(/\r\n?/g, '\n'), line, ([raw = '']) => unquoted(raw.trim())));
}

function unquoted(raw: string): string {
  const value = raw.replace(/^(['"`])([\s\S]*)\1$/gm, '$2');
  return raw.startsWith('"') ? value.replaceAll('\\n', '\n').replaceAll('\\r', '\r') : value;
}
