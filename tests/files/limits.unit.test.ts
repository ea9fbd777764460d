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

describe('a text that nests without end is refused before anything calls itself', () => {
  test.each([
    ['brackets', `a: ${'['.repeat(20_000)}`],
    ['braces', `a: ${'{b: '.repeat(20_000)}`],
    ['what is closed and never opened', `a: ${']'.repeat(20_000)}`],
    ['dashes on one line', `${'- '.repeat(20_000)}x`],
    ['keys on one line', `${'a: '.repeat(20_000)}x`],
    ['questions on one line', `${'? '.repeat(20_000)}x`],
    ['keys between brackets', `a: [${'b: '.repeat(20_000)}]`],
    ['keys between brackets, a line each', `a: [${'b:\n '.repeat(20_000)}]`],
    ['stairs', stairs('a:')],
    ['stairs of lists', stairs('-')],
    ['stairs with empty lines and comments between', stairs('a:', '\n\n# x\n  # y\n')],
  ])('%s', (_, text) => {
    expect(refused(text)).toMatch(/^\d+:\d+ nested deeper than 64 levels, or closed without being opened/);
  });
  test('but not what only looks like it', () => {
    const wide = `a: [${Array.from({ length: 500 }, (_, index) => `{ b${index}: c }`).join(', ')}]`;
    const long = Array.from({ length: 500 }, (_, index) => `k${index}:\n  - a: b\n    c:\n      d: e\n`).join('');
    const text = `t: |\n${'  [[[[ - - - - : : : :\n'.repeat(200)}q: "${'[ - : '.repeat(200)}"\n`;
    for (const one of [wide, long, text]) expect(() => value(one)).not.toThrow();
  });
});

describe('aliases', () => {
  test('may be many: they are counted by what they come to', () => {
    const services = Array.from({ length: 500 }, (_, index) => `  s${index}: { <<: *base, environment: *env }`).join(
      '\n',
    );
    expect(
      Object.keys(value(`x: &base { image: x }\ny: &env { A: b }\nservices:\n${services}\n`).services as object),
    ).toHaveLength(500);
  });
  test('may not multiply, by merge keys neither', () => {
    const merges = Array.from(
      { length: 20 },
      (_, index) => `k${index + 1}: &k${index + 1} { <<: *k${index}, a${index}: *k${index}, b${index}: *k${index} }`,
    );
    expect(refused(`k0: &k0 { a: b }\n${merges.join('\n')}\n`)).toMatch(/its aliases come to more than 200000 values/);
  });
  test('stand for something, and not for themselves', () => {
    expect(refused('a:\n  b: *nothing\n')).toMatch(/^2:6 \*nothing stands for nothing/);
    expect(refused('a: &a\n  b: [*a]\n')).toMatch(/^2:7 \*a stands inside itself/);
  });
});

describe('keys', () => {
  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('%s is refused wherever it stands', (key) => {
    expect(refused(`services:\n  a:\n    ${key}: x\n`)).toMatch(new RegExp(`^3:5 "${key}" cannot be a key`));
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
  test('stand once, as they are written', () => {
    expect(refused('a:\n  b: 1\n  b: 2\n')).toMatch(/^3:3 "b" stands here twice/);
    expect(value('0123: a\n123: b\n')).toEqual({ '0123': 'a', 123: 'b' });
    expect(refused('? [a]\n: b\n')).toMatch(/a key must be a plain word/);
  });
  test('are many in time', () => {
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
  test('is UTF-8, with or without its mark', async () => {
    await expect(readDocument(file(new Uint8Array([0x61, 0x3a, 0x20, 0xff])))).rejects.toMatchObject({
      code: 'PROFILE_INVALID',
      message: 'the file is not UTF-8',
    });
    expect((await readDocument(file('\uFEFFa: ü'))).value).toEqual({ a: 'ü' });
  });
  test('has a size that somebody could have written', async () => {
    await expect(readDocument(file(`a: "${'x'.repeat(1_100_000)}"`))).rejects.toMatchObject({
      message: expect.stringContaining('is the limit'),
    });
  });
  test('is there, and is a file', async () => {
    await expect(readDocument(join(folder, 'nope.yaml'))).rejects.toMatchObject({ code: 'PROFILE_UNKNOWN' });
    await expect(readDocument(folder)).rejects.toMatchObject({
      code: 'PROFILE_UNKNOWN',
      message: expect.stringContaining('EISDIR'),
    });
  });
  test('may have lines that end as on Windows', () => {
    expect(parseDocument('/p.yaml', 'a: 1\r\nb:\r\n  - c\r\n').document.position(['b', 0])).toMatchObject({
      line: 3,
      column: 5,
    });
  });
});
