import { afterEach, describe, expect, test } from 'vitest';
import { bringUp, census, cleanUp, contextOf, engineOf, freshId, redis, volumesOf } from './prepared.js';

const id = freshId();
afterEach(() => cleanUp(id));

describe('the life of an instance', () => {
  test('is created, started, seen and removed without a trace', async () => {
    const engine = engineOf();
    const { signal } = contextOf();
    await bringUp(engine, { id, services: { cache: { compose: { image: redis, command: ['redis-server'] }, ports: { main: 6379 } }, app: {} } });
    const observed = await engine.observe(id, signal);
    expect(observed.map(({ service, replica, state }) => `${service} ${replica} ${state}`).sort()).toEqual(['app 1 running', 'cache 1 running']);
    const cache = observed.find(({ service }) => service === 'cache');
    expect(cache?.outside['main']?.host).toBe('127.0.0.1');
    expect(cache?.outside['main']?.port).toBeGreaterThan(1023);
    expect(volumesOf(id)).toEqual([expect.stringMatching(/cache-data-[0-9a-f]{6}$/)]);
    const removed = await engine.remove(id, { graceMs: 0, data: 'remove' }, signal);
    expect(removed.left).toEqual([]);
    expect(removed.data).toHaveLength(1);
    expect(census(id)).toEqual([]);
  });
});
