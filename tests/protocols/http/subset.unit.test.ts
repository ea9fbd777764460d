import { expect, test } from 'vitest';
import { difference } from '../../../src/protocols/http/subset.js';

test.each([
  [{ a: true }, { a: true, b: 1 }, null],
  [{ a: { b: [1, { c: 2 }] } }, { a: { b: [1, { c: 2, d: 3 }] } }, null],
  [{ cache: true }, { cache: false }, 'cache is false, not true'],
  [{ checks: { cache: true } }, { checks: {} }, 'checks.cache is missing'],
  [{ checks: { cache: true } }, { checks: null }, 'checks is null, not {"cache":true}'],
  [{ list: [1, 2] }, { list: [1] }, 'list is [1], not [1,2]'],
  [{ list: [{ a: 1 }] }, { list: [{ a: 2 }] }, 'list[0].a is 2, not 1'],
  [{ a: 1 }, null, 'the answer is null, not {"a":1}'],
  [{ a: 1 }, [], 'the answer is [], not {"a":1}'],
  [{ n: 1 }, { n: '1' }, 'n is "1", not 1'],
  [{ toString: 'x' }, {}, 'toString is missing'],
  ['ok', 'ok', null],
])('compares wanted JSON %j with %j', (wanted, actual, expected) => {
  expect(difference(wanted, actual)).toBe(expected);
});
