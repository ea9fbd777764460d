import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { EnvctlError } from '../../../src/model/errors.js';
import { redis } from '../../../src/protocols/redis/redis.js';
import { ledgerOf, seedWith, taskOf } from '../../testing/reach.js';
import { type Server, startServer, untilReady } from '../../testing/real-server.js';

const password = 'pa"ss\\w rd:@/#';
const image = { image: 'redis:7', port: 6379 };

let server: Server;
let client: Redis;
beforeAll(async () => {
  server = await startServer({
    ...image,
    command: ['redis-server', '--requirepass', password],
    parameters: { password },
  });
  await untilReady(redis, server.reach());
  client = new Redis({ ...server.address, password, lazyConnect: true });
  await client.connect();
}, 60_000);
afterAll(async () => {
  client?.disconnect();
  await server?.[Symbol.asyncDispose]();
});
beforeEach(() => client.flushall());

const seed = (content: unknown, entry = {}) =>
  seedWith(
    redis,
    server.reach(),
    taskOf(
      { kind: 'redis', file: 'c.json' },
      typeof content === 'string' ? content : JSON.stringify(content, null, 2),
      entry,
    ),
  );
const failureOf = async (content: unknown): Promise<EnvctlError> => {
  const error = await seed(content).then(
    () => expect.fail('the seed was taken'),
    (thrown: EnvctlError) => thrown,
  );
  expect(error.code).toBe('SEED_FAILED');
  return error;
};
const ledger = () => ledgerOf(redis, server.reach()).read();

describe('the redis probe', () => {
  test('redis is not ready while the server loads its data', async () => {
    const fill =
      'seq 3000 | sed "s/.*/SET key& value/" | redis-cli -p 7777 > /dev/null;' +
      'redis-cli -p 7777 SAVE; redis-cli -p 7777 SHUTDOWN';
    const slow = 'exec redis-server --key-load-delay 500 --loading-process-events-interval-bytes 1024';
    const command = ['sh', '-c', `redis-server --port 7777 --daemonize yes --save ""; sleep 0.5; ${fill}; ${slow}`];
    await using loading = await startServer({ ...image, command });
    const answers = await untilReady(redis, loading.reach());
    const whys = new Set(answers.map((answer) => (answer.kind === 'ready' ? '' : answer.why)));
    expect([...whys].some((why) => /LOADING|loading/.test(why))).toBe(true);
    const after = new Redis({ ...loading.address });
    expect(await after.dbsize()).toBe(3000);
    after.disconnect();
  }, 60_000);

  test('redis answers never for a wrong password', async () => {
    const answer = await redis.probe(server.reach({ parameters: { password: 'wrong' } }), {});
    expect(answer).toEqual({ kind: 'never', why: 'WRONGPASS invalid username-password pair or user is disabled.' });
  });

  test('redis reads the log of an adopted server whose password is unknown', async () => {
    expect(await redis.probe(server.reach({ parameters: {} }), {})).toEqual({ kind: 'ready' });
    const silent = { parameters: {}, logs: async function* () {} };
    expect(await redis.probe(server.reach(silent), {})).toEqual({
      kind: 'not-yet',
      why: 'NOAUTH Authentication required. (its password is unknown; set it: `with: { password: … }`)',
    });
  });

  test('redis is ready for a server without a password even if one is set', async () => {
    await using open = await startServer(image);
    await untilReady(redis, open.reach({ parameters: { password: 'unused' } }));
  }, 60_000);

  test('redis reports why nothing answers', async () => {
    expect(await redis.probe(server.reach({ address: { host: '127.0.0.1', port: 1 } }), {})).toEqual({
      kind: 'not-yet',
      why: 'connection refused',
    });
  });
});

describe('redis seeds', () => {
  test('a redis seed writes every type and its time to live', async () => {
    const seeded = await seed({
      text: 'ü😀',
      number: 42,
      flag: true,
      session: { value: 'x', ttl: 60 },
      user: { type: 'hash', value: { name: 'Ann', age: 7 }, ttl: 1.5 },
      queue: { type: 'list', value: ['a', 'b', 'a'] },
      tags: { type: 'set', value: ['x', 'y', 'x'] },
      ranks: { type: 'zset', value: { ann: 1.5, bob: 2 } },
      pairs: { type: 'zset', value: [['cy', -1]] },
    });
    expect(seeded).toBe(9);
    expect(await client.mget(['text', 'number', 'flag', 'session'])).toEqual(['ü😀', '42', 'true', 'x']);
    expect(await client.hgetall('user')).toEqual({ name: 'Ann', age: '7' });
    expect(await client.lrange('queue', 0, -1)).toEqual(['a', 'b', 'a']);
    expect((await client.smembers('tags')).sort()).toEqual(['x', 'y']);
    expect([await client.zscore('ranks', 'ann'), await client.zscore('ranks', 'bob')]).toEqual(['1.5', '2']);
    expect(await client.zscore('pairs', 'cy')).toBe('-1');
    expect(await client.ttl('session')).toBe(60);
    expect(await client.pttl('user')).toBeGreaterThan(1000);
    expect(await client.ttl('text')).toBe(-1);
  });

  test('a redis seed replaces existing keys of any type and is in the ledger', async () => {
    await client.set('queue', 'old');
    await seed({ queue: { type: 'list', value: ['a'] } }, { index: 2, hash: 'h1' });
    await seed({ queue: { type: 'list', value: ['a'] } }, { index: 2, hash: 'h2' });
    expect(await client.lrange('queue', 0, -1)).toEqual(['a']);
    expect(await ledger()).toEqual([{ index: 2, hash: 'h2', state: 'done' }]);
  });

  test('a redis seed writes a list of 200,000 items', async () => {
    const value = Array.from({ length: 200_000 }, (_, index) => index);
    await seed({ long: { type: 'list', value } });
    expect(await client.llen('long')).toBe(200_000);
  });

  test('a redis seed writes nothing if one key is invalid, and reports its position', async () => {
    const error = await failureOf('{\n  "good": "x",\n  "bad": { "name": "Ann" }\n}');
    expect(error.message).toBe('Key "bad" has an unknown key "name"');
    expect(error.hint).toContain('"type": "hash"');
    expect(error.position).toEqual({ file: 'c.json', line: 3, column: 20 });
    expect(await client.dbsize()).toBe(0);
  });

  test("a redis seed reports the server's message", async () => {
    await client.config('SET', 'maxmemory', '1');
    try {
      const error = await failureOf({ a: 'x' });
      expect(error.message).toContain("OOM command not allowed when used memory > 'maxmemory'");
    } finally {
      await client.config('SET', 'maxmemory', '0');
    }
    expect(await client.dbsize()).toBe(0);
  });
});

test('the redis ledger stores entries', async () => {
  expect(await ledger()).toEqual([]);
  const { write } = ledgerOf(redis, server.reach());
  await write({ index: 10, hash: 'b', state: 'running' });
  await write({ index: 9, hash: 'a', state: 'done' });
  expect(await ledger()).toEqual([
    { index: 9, hash: 'a', state: 'done' },
    { index: 10, hash: 'b', state: 'running' },
  ]);
});
