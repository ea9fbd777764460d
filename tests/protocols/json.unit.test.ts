import { expect, test } from 'vitest';
import { readJson } from '../../src/protocols/shared/json-file.js';
import { taskOf } from '../testing/reach.js';

const read = (text: string) => readJson(taskOf({ kind: 'redis', file: 'c.json' }, text), 'c.json');

test('a JSON file has a position for every value', async () => {
  const source = await read('\ufeff{\n  "a": [1, {"b \\" c": "x"}],\r\n  "d": null }');
  expect(source.value).toEqual({ a: [1, { 'b " c': 'x' }], d: null });
  expect(source.at([])).toEqual({ file: 'c.json', line: 1, column: 1 });
  expect(source.at(['a', 1, 'b " c'])).toMatchObject({ line: 2, column: 23 });
  expect(source.at(['d'])).toMatchObject({ line: 3, column: 8 });
  expect(source.at(['a', 5, 'missing'])).toMatchObject({ line: 2, column: 8 });
});

test.each([
  ['', 1, 1],
  ['{\n  "a": tru\n}', 2, 8],
  ['{\n  "a": 1,\n}', 3, 1],
  ['{\n  "a": 1\n  "b": 2 }', 3, 3],
  ['{ a: 1 }', 1, 3],
  ['[1,\n 2', 2, 3],
  ['[1] x', 1, 5],
  ['{"a" 1}', 1, 6],
  ['["a\nb"]', 1, 2],
  ["{'a': 1}", 1, 2],
  ['[01]', 1, 2],
  ['[1,,2]', 1, 4],
  ['// no\n{}', 1, 1],
])('invalid JSON %j is refused at line %i, column %i', async (text, line, column) => {
  await expect(read(text)).rejects.toMatchObject({
    code: 'SEED_FAILED',
    message: 'Invalid JSON in the seed file',
    position: { file: 'c.json', line, column },
  });
});
