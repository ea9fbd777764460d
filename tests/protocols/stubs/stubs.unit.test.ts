import { expect, test } from 'vitest';
import { entriesOf, readStubs, uuidOf } from '../../../src/protocols/shared/stub-file.js';
import { taskOf } from '../../testing/reach.js';

const mark = { step: 0, hash: 'abc', n: 0, of: 2 };

test('a stub id is a UUID that is the same for the same stub and different for others', () => {
  const id = uuidOf(mark);
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(uuidOf({ ...mark, of: 9 })).toBe(id);
  const others = [uuidOf({ ...mark, step: 1 }), uuidOf({ ...mark, hash: 'abd' }), uuidOf({ ...mark, n: 1 })];
  expect(new Set([id, ...others]).size).toBe(4);
});

test('a stub seed counts as loaded when all of its stubs are loaded', () => {
  const complete = [mark, { ...mark, n: 1 }];
  expect(entriesOf([])).toEqual([]);
  expect(entriesOf([mark])).toEqual([]);
  expect(entriesOf([mark, mark])).toEqual([]);
  expect(entriesOf([{ step: 3, hash: 'x', n: 0, of: 1 }, ...complete])).toEqual([
    { index: 0, hash: 'abc', state: 'done' },
    { index: 3, hash: 'x', state: 'done' },
  ]);
});

test('a stub file holds one stub, a list, or a list under its key', async () => {
  const read = (text: string) =>
    readStubs(taskOf({ kind: 'stubs', file: 'm.json' }, text), { file: 'm.json', list: 'mappings' });
  expect((await read('{"a": 1}')).stubs).toEqual([{ a: 1 }]);
  expect((await read('[{"a": 1}, {"b": 2}]')).stubs).toEqual([{ a: 1 }, { b: 2 }]);
  const named = await read('{"mappings": [\n{"a": 1},\n{"b": {"c": 2}}]}');
  expect(named.stubs).toEqual([{ a: 1 }, { b: { c: 2 } }]);
  expect(named.at(1, ['b', 'c'])).toMatchObject({ line: 3, column: 13 });
});
