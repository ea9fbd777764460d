import { describe, expect, test } from 'vitest';
import { parseDocument } from '../../src/files/yaml/document.js';
import { refusal } from '../testing/resolving.js';

const value = (text: string) => parseDocument('/p.yaml', text).document.value;
const refused = (text: string) => refusal(() => parseDocument('/p.yaml', text));

describe('a YAML file', () => {
  test('a YAML file keeps the position of every key', () => {
    const { document } = parseDocument('/p.yaml', 'a:\n  - b: 1\n    c: 2\n');
    expect(document.position(['a', 0, 'c'])).toEqual({ file: '/p.yaml', line: 3, column: 5 });
    expect(document.position(['a', 0, 'missing'])).toEqual({ file: '/p.yaml', line: 2, column: 5 });
  });
  test('a YAML file applies merge keys', () => {
    expect(value('x: &x { a: 1, b: 1 }\ny: { <<: *x, b: 2 }')).toMatchObject({ y: { a: 1, b: 2 } });
  });
  test.each(['3.10', '0123', '1e3', '12345678901234567890'])('a YAML file keeps the number %s as written', (number) => {
    expect(value(`a: ${number}`)).toEqual({ a: number });
  });
  test('in YAML 1.2 no is a string', () => {
    expect(value('a: no\nb: 22:30')).toEqual({ a: 'no', b: '22:30' });
  });
  test.each([
    ['a duplicate key', 'a: 1\na: 2', /^2:1 /],
    ['a tab', 'a:\n\tb: 1', /^2:1 /],
    ['two documents', 'a: 1\n---\nb: 2', /more than one YAML document/],
    ['no content', '', /is empty/],
    ['a list', '- a', /not a map/],
    ['a key that reaches a prototype', 'services: { __proto__: { x: 1 } }', /"__proto__" cannot be a key/],
    ['a deep nest', `a: ${'['.repeat(200)}${']'.repeat(200)}`, /Nested deeper than 64/],
  ])('a YAML file is refused with %s', (_, text, message) => {
    expect(refused(text)).toMatch(message);
    expect(refused(text)).toContain('PROFILE_INVALID 2');
  });
  test('a YAML file is refused with an alias bomb', () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...'bcdefghi'
        .split('')
        .map((key, index) => `${key}: &${key} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(',')}]`),
    ].join('\n');
    expect(refused(bomb)).toMatch(/alias/i);
  });
});
