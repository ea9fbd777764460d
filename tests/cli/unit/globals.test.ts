import { expect, test } from 'vitest';
import { readSets, readTimeout } from '../../../src/cli/globals.js';
import { refusal } from '../../core/resolve/resolving.js';

test('--set takes everything behind the first equals sign', () => {
  expect(readSets(['a=1', 'b=', 'c=x=y'])).toEqual({ a: '1', b: '', c: 'x=y' });
});
test('of two settings of one name the last counts', () => {
  expect(readSets(['a=1', 'a=2'])).toEqual({ a: '2' });
});
test.each(['workers', '=4', ''])('--set %s is refused with how it is written', (text) => {
  expect(refusal(() => readSets([text]))).toMatch(/has no value → Write --set name=value\. \(USAGE 2\)/);
});

test.each([
  [undefined, null],
  ['60', 60_000],
  ['90s', 90_000],
  ['1m30s', 90_000],
  ['500ms', 500],
])('a time limit of %s', (text, expected) => {
  expect(readTimeout(text)).toBe(expected);
});
test.each(['soon', '0', '-1', '5 s', ''])('a time limit of "%s" is refused', (text) => {
  expect(refusal(() => readTimeout(text))).toMatch(/is not a time → Write seconds \(60\) or a duration \(90s, 5m\)\. \(USAGE 2\)/);
});
