/** Plain English in everything that people read: messages, help, docs, comments and test names. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { dialect } from './language/dialect.js';

const root = fileURLToPath(new URL('..', import.meta.url));

/** `tests/lab/images` holds scripts that imitate those of the official images. */
const foreign = ['node_modules', 'tests/lab/images', 'tests/language'];

interface Line {
  readonly path: string;
  readonly number: number;
  readonly text: string;
}

const files = [
  'src',
  'tests',
  'docs',
  'bin',
  'environments',
  'templates',
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
]
  .flatMap(filesBelow)
  .filter((path) => /\.(?:ts|mts|mjs|js|md|ya?ml|py|sh)$/.test(path));

const lines: readonly Line[] = files.flatMap((path) =>
  readFileSync(join(root, path), 'utf8')
    .split('\n')
    .map((text, index) => ({ path, number: index + 1, text })),
);

function filesBelow(path: string): readonly string[] {
  const stat = statSync(join(root, path), { throwIfNoEntry: false });
  if (stat === undefined || foreign.some((one) => path === one || path.startsWith(`${one}/`))) return [];
  if (stat.isFile()) return [path];
  return readdirSync(join(root, path)).flatMap((name) =>
    name === 'node_modules' ? [] : filesBelow(`${path}/${name}`),
  );
}

function dialectIn({ path, number, text }: Line): readonly string[] {
  return dialect.flatMap(({ pattern, use }) => {
    const word = pattern.exec(text)?.[0];
    return word === undefined ? [] : [`${path}:${number}: ${word} → use ${use}`];
  });
}

/** Code only: a table or a link in a document has no other form. */
function tooLong({ path, number, text }: Line): readonly string[] {
  return path.endsWith('.ts') && [...text].length > 120
    ? [`${path}:${number}: ${[...text].length} columns → use 120`]
    : [];
}

/** Messages of errors, if the text is a literal. */
function messagesIn(path: string): readonly string[] {
  const text = readFileSync(join(root, path), 'utf8');
  const made =
    /new EnvctlError\(\s*(?:'[A-Z_]+'|[\w.]+),\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|`((?:[^`\\]|\\.)*)`),/g;
  return [...text.matchAll(made)].flatMap((match) => {
    const message = (match[1] ?? match[2] ?? match[3] ?? '').split('\\n')[0] ?? '';
    const number = text.slice(0, match.index).split('\n').length;
    return messageFaults(message).map((use) => `${path}:${number}: ${message} → use ${use}`);
  });
}

function messageFaults(message: string): readonly string[] {
  return [
    ...(/^(?:[A-Z"'`]|\\`|\$\{)/.test(message) ? [] : ['a capital letter, a quote or a name first']),
    ...(/\.$/.test(message) ? ['no full stop at the end'] : []),
  ];
}

const offences: readonly string[] = [
  ...lines.flatMap((line) => [...dialectIn(line), ...tooLong(line)]),
  ...files.filter((path) => path.startsWith('src/') && path.endsWith('.ts')).flatMap(messagesIn),
];

test('comments, messages, documents and test names are plain English, and no line is over 120 columns', () => {
  expect(offences).toEqual([]);
});

describe('the language guard', () => {
  test('reads all files', () => {
    expect(files).toEqual(
      expect.arrayContaining(['README.md', 'src/index.ts', 'bin/envctl.js', 'templates/postgres.yaml']),
    );
    expect(files.length).toBeGreaterThan(400);
  });
  test.each(dialect.map(({ bad }) => bad))('refuses "%s"', (text) => {
    expect(dialectIn({ path: 'p.ts', number: 7, text })).toEqual([expect.stringMatching(/^p\.ts:7: .+ → use .+/)]);
  });
  test.each(dialect.flatMap(({ good }) => good ?? []))('accepts "%s"', (text) => {
    expect(dialectIn({ path: 'p.ts', number: 7, text })).toEqual([]);
  });
  test('refuses a line of 121 columns', () => {
    expect(tooLong({ path: 'p.ts', number: 7, text: 'x'.repeat(121) })).toHaveLength(1);
    expect(tooLong({ path: 'p.ts', number: 7, text: '…'.repeat(120) })).toEqual([]);
  });
  test.each([
    ['no service runs', 1],
    ['No service runs.', 1],
    ['nothing runs.', 2],
    ['No service runs', 0],
    ['"db" is missing', 0],
    ['${name} is missing', 0],
  ])('finds in the error message %j %i faults', (message, count) => {
    expect(messageFaults(message)).toHaveLength(count);
  });
});
