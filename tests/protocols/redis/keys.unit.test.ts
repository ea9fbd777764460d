import { expect, test } from 'vitest';
import { keysOf } from '../../../src/protocols/redis/keys.js';
import { readJson } from '../../../src/protocols/shared/json-source.js';
import { taskOf } from '../../testing/reach.js';

const keys = async (text: string) => keysOf(await readJson(taskOf({ kind: 'redis', file: 'c.json' }, text), 'c.json'));

test('short and long forms become commands', async () => {
  expect(
    await keys(
      '{"a": "x", "b": 1.5, "c": {"value": true, "ttl": 2}, "d": {"type": "zset", "value": [["m", 1], ["n", -2.5]]}}',
    ),
  ).toEqual([
    { key: 'a', command: ['SET', 'x'], ttlMs: null },
    { key: 'b', command: ['SET', '1.5'], ttlMs: null },
    { key: 'c', command: ['SET', 'true'], ttlMs: 2000 },
    { key: 'd', command: ['ZADD', '1', 'm', '-2.5', 'n'], ttlMs: null },
  ]);
});

test('a key called __proto__ is a key', async () => {
  expect(await keys('{"__proto__": "x"}')).toEqual([{ key: '__proto__', command: ['SET', 'x'], ttlMs: null }]);
});

test.each([
  ['["a"]', 'a redis seed is a map of keys'],
  ['{"k": ["a"]}', 'the key "k" cannot be a list as it stands'],
  ['{"k": null}', 'the key "k" cannot be null as it stands'],
  ['{"k": {"name": "Ann"}}', 'the key "k" has an unknown word "name"'],
  ['{"k": {"value": {"a": 1}}}', 'the key "k" has no type'],
  ['{"k": {"type": "hsh", "value": {"a": 1}}}', 'the key "k" has an unknown type "hsh"'],
  ['{"k": {"type": "toString", "value": "a"}}', 'the key "k" has an unknown type "toString"'],
  ['{"k": {"type": "string", "value": ["a"]}}', 'the key "k" has a list where Redis stores a text'],
  ['{"k": {"type": "hash", "value": {"a": {"b": 1}}}}', 'the key "k" has a map where Redis stores a text'],
  ['{"k": {"type": "list", "value": "a"}}', 'the key "k" needs a list as its value'],
  ['{"k": {"type": "set", "value": []}}', 'the key "k" is empty, and Redis has no empty collections'],
  ['{"k": {"type": "hash", "value": {}}}', 'the key "k" is empty, and Redis has no empty collections'],
  ['{"k": {"type": "zset", "value": {"m": "high"}}}', 'the key "k" has a member "m" whose score is no number'],
  ['{"k": {"type": "zset", "value": ["m"]}}', 'the key "k" has a member without a score'],
  ['{"k": {"value": "a", "ttl": 0}}', 'the key "k" has a ttl that is no number of seconds above 0'],
  ['{"k": {"value": "a", "ttl": "60"}}', 'the key "k" has a ttl that is no number of seconds above 0'],
])('%s is refused', async (text, message) => {
  await expect(keys(text)).rejects.toMatchObject({ code: 'SEED_FAILED', message, hint: expect.stringMatching(/./) });
});

test('the place of the fault is told', async () => {
  await expect(keys('{\n "k": {\n  "type": "list",\n  "value": ["a",\n   null]}}')).rejects.toMatchObject({
    position: { file: 'c.json', line: 5, column: 4 },
  });
});
