import { expect, test } from 'vitest';
import { keysOf } from '../../../src/protocols/redis/keys.js';
import { readJson } from '../../../src/protocols/shared/json-file.js';
import { taskOf } from '../../testing/reach.js';

const keys = async (text: string) => keysOf(await readJson(taskOf({ kind: 'redis', file: 'c.json' }, text), 'c.json'));

test('Redis keys in short and long form become commands', async () => {
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

test('a Redis key can be named __proto__', async () => {
  expect(await keys('{"__proto__": "x"}')).toEqual([{ key: '__proto__', command: ['SET', 'x'], ttlMs: null }]);
});

test.each([
  ['["a"]', 'A redis seed must be a map of keys'],
  ['{"k": ["a"]}', 'Key "k" cannot be a list without a type'],
  ['{"k": null}', 'Key "k" cannot be null without a type'],
  ['{"k": {"name": "Ann"}}', 'Key "k" has an unknown key "name"'],
  ['{"k": {"value": {"a": 1}}}', 'Key "k" has no type'],
  ['{"k": {"type": "hsh", "value": {"a": 1}}}', 'Key "k" has an unknown type "hsh"'],
  ['{"k": {"type": "toString", "value": "a"}}', 'Key "k" has an unknown type "toString"'],
  ['{"k": {"type": "string", "value": ["a"]}}', 'Key "k" has a list where Redis stores a string'],
  ['{"k": {"type": "hash", "value": {"a": {"b": 1}}}}', 'Key "k" has a map where Redis stores a string'],
  ['{"k": {"type": "list", "value": "a"}}', 'Key "k" needs a list as its value'],
  ['{"k": {"type": "set", "value": []}}', 'Key "k" is empty, and Redis has no empty collections'],
  ['{"k": {"type": "hash", "value": {}}}', 'Key "k" is empty, and Redis has no empty collections'],
  ['{"k": {"type": "zset", "value": {"m": "high"}}}', 'Key "k" has a member "m" whose score is not a number'],
  ['{"k": {"type": "zset", "value": ["m"]}}', 'Key "k" has a member without a score'],
  ['{"k": {"value": "a", "ttl": 0}}', 'Key "k" has an invalid "ttl": it must be a positive number of seconds'],
  ['{"k": {"value": "a", "ttl": "60"}}', 'Key "k" has an invalid "ttl": it must be a positive number of seconds'],
])('the Redis seed %s is refused', async (text, message) => {
  await expect(keys(text)).rejects.toMatchObject({ code: 'SEED_FAILED', message, hint: expect.stringMatching(/./) });
});

test('a Redis value that cannot be stored is reported at its position', async () => {
  await expect(keys('{\n "k": {\n  "type": "list",\n  "value": ["a",\n   null]}}')).rejects.toMatchObject({
    position: { file: 'c.json', line: 5, column: 4 },
  });
});
