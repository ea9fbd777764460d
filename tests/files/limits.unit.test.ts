import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parseDocument, readDocument } from '../../src/files/yaml/document.js';
import { refusal } from '../testing/resolving.js';

const folder = mkdtempSync(join(tmpdir(), 'envctl-limits-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const value = (text: string) => parseDocument('/p.yaml', text).document.value;
const refused = (text: string): string => refusal(() => value(text));
const stairs = (step: string, between = '\n'): string =>
  Array.from({ length: 900 }, (_, depth) => ' '.repeat(depth) + step).join(between);

describe('a YAML text that is nested too deep is refused before it is parsed', () => {
  test.each([
    ['brackets', `a: ${'['.repeat(20_000)}`],
    ['braces', `a: ${'{b: '.repeat(20_000)}`],
    ['brackets that are closed and never opened', `a: ${']'.repeat(20_000)}`],
    ['dashes on one line', `${'- '.repeat(20_000)}x`],
    ['keys on one line', `${'a: '.repeat(20_000)}x`],
    ['questions on one line', `${'? '.repeat(20_000)}x`],
    ['keys between brackets', `a: [${'b: '.repeat(20_000)}]`],
    ['keys between brackets, a line each', `a: [${'b:\n '.repeat(20_000)}]`],
    ['stairs', stairs('a:')],
    ['stairs of lists', stairs('-')],
    ['stairs with empty lines and comments between', stairs('a:', '\n\n# x\n  # y\n')],
  ])('refuses nested %s', (_, text) => {
    expect(refused(text)).toMatch(/^\d+:\d+ Nested deeper than 64 levels, or closed without being opened/);
  });
  test('accepts long texts and brackets in strings', () => {
    const wide = `a: [${Array.from({ length: 500 }, (_, index) => `{ b${index}: c }`).join(', ')}]`;
    const long = Array.from({ length: 500 }, (_, index) => `k${index}:\n  - a: b\n    c:\n      d: e\n`).join('');
    const text = `t: |\n${'  [[[[ - - - - : : : :\n'.repeat(200)}q: "${'[ - : '.repeat(200)}"\n`;
    for (const one of [wide, long, text]) expect(() => value(one)).not.toThrow();
  });
});

describe('aliases', () => {
  test('500 services can share an alias', () => {
    const services = Array.from({ length: 500 }, (_, index) => `  s${index}: { <<: *base, environment: *env }`).join(
      '\n',
    );
    expect(
      Object.keys(value(`x: &base { image: x }\ny: &env { A: b }\nservices:\n${services}\n`).services as object),
    ).toHaveLength(500);
  });
  test('aliases that multiply are refused, also through merge keys', () => {
    const merges = Array.from(
      { length: 20 },
      (_, index) => `k${index + 1}: &k${index + 1} { <<: *k${index}, a${index}: *k${index}, b${index}: *k${index} }`,
    );
    expect(refused(`k0: &k0 { a: b }\n${merges.join('\n')}\n`)).toMatch(
      /Its aliases expand to more than 200000 values/,
    );
  });
  test('unknown and circular aliases are refused', () => {
    expect(refused('a:\n  b: *nothing\n')).toMatch(/^2:6 Unknown YAML alias \*nothing/);
    expect(refused('a: &a\n  b: [*a]\n')).toMatch(/^2:7 YAML alias \*a contains itself/);
  });
});

describe('keys', () => {
  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('the key %s is refused', (key) => {
    expect(refused(`services:\n  a:\n    ${key}: x\n`)).toMatch(new RegExp(`^3:5 "${key}" cannot be a key`));
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
  test('duplicate keys are refused as written', () => {
    expect(refused('a:\n  b: 1\n  b: 2\n')).toMatch(/^3:3 Duplicate key "b"/);
    expect(value('0123: a\n123: b\n')).toEqual({ '0123': 'a', 123: 'b' });
    expect(refused('? [a]\n: b\n')).toMatch(/A key must be a plain text/);
  });
  test('20,000 keys are checked in linear time', () => {
    const keys = Array.from({ length: 20_000 }, (_, index) => `k${index}: v`).join('\n');
    expect(Object.keys(value(keys))).toHaveLength(20_000);
  });
});

describe('a file', () => {
  const file = (content: string | Uint8Array): string => {
    const path = join(folder, 'p.yaml');
    writeFileSync(path, content);
    return path;
  };
  test('a YAML file must be UTF-8, with or without a byte order mark', async () => {
    await expect(readDocument(file(new Uint8Array([0x61, 0x3a, 0x20, 0xff])))).rejects.toMatchObject({
      code: 'PROFILE_INVALID',
      message: 'The file is not UTF-8',
    });
    expect((await readDocument(file('\uFEFFa: ü'))).value).toEqual({ a: 'ü' });
  });
  test('a YAML file over 1 MB is refused', async () => {
    await expect(readDocument(file(`a: "${'x'.repeat(1_100_000)}"`))).rejects.toMatchObject({
      message: expect.stringContaining('the limit is'),
    });
  });
  test('a missing YAML file and a folder are refused', async () => {
    await expect(readDocument(join(folder, 'nope.yaml'))).rejects.toMatchObject({ code: 'PROFILE_UNKNOWN' });
    await expect(readDocument(folder)).rejects.toMatchObject({
      code: 'PROFILE_UNKNOWN',
      message: expect.stringContaining('EISDIR'),
    });
  });
  test('a YAML file may have CRLF line ends', () => {
    expect(parseDocument('/p.yaml', 'a: 1\r\nb:\r\n  - c\r\n').document.position(['b', 0])).toMatchObject({
      line: 3,
      column: 5,
    });
  });
});
