import { describe, expect, test } from 'vitest';
import type { StateChange } from '../../src/model/engine.js';
import { contextOf, environmentOf, preparedOf, type Sketch } from './compose-prepared.js';
import { memoryEngine } from './memory-engine.js';

const never = new AbortController().signal;

function prepared(services: Sketch, id = 'shop-1') {
  return preparedOf(environmentOf({ id, services }));
}

describe('the memory engine', () => {
  test('creates, starts, reads ports back and removes, and remembers the order', async () => {
    const engine = memoryEngine();
    const sketch: Sketch = {
      db: { ports: { main: 5432 }, data: ['/d'] },
      app: { ports: { main: { inside: 80, fixed: 8080 } }, scale: 2 },
    };
    const all = prepared(sketch);
    await engine.create(all, ['db', 'app'], contextOf());
    expect(
      (await engine.observe('shop-1', never)).map(({ service, replica, state }) => `${service} ${replica} ${state}`),
    ).toEqual(['db 1 created', 'app 1 created', 'app 2 created']);
    const [db] = await engine.start(all, 'db', contextOf());
    expect(db).toMatchObject({ state: 'running', outside: { main: { host: '127.0.0.1', port: expect.any(Number) } } });
    expect((await engine.start(all, 'app', contextOf())).map(({ outside }) => outside.main?.port)).toEqual([
      8080, 8080,
    ]);
    expect((await engine.start(all, 'db', contextOf()))[0]).toEqual(db);
    await engine.removeServices('shop-1', [{ service: 'app', keepReplicas: 1 }], never);
    expect(await engine.observe(null, never)).toHaveLength(2);
    expect(await engine.remove('shop-1', { graceMs: 0, data: 'keep' }, never)).toEqual({ data: [], left: [] });
    expect(await engine.remove('shop-1', { graceMs: 0, data: 'remove' }, never)).toEqual({ data: ['db:/d'], left: [] });
    expect(engine.calls.filter((call) => call !== 'observe')).toEqual([
      'create db app',
      'start db',
      'start app',
      'start db',
      'removeServices app>1',
      'remove',
      'remove',
    ]);
  });

  test('keeps instances apart', async () => {
    const engine = memoryEngine();
    await engine.create(prepared({ a: {} }, 'one'), ['a'], contextOf());
    await engine.create(prepared({ a: {} }, 'two'), ['a'], contextOf());
    await engine.remove('one', { graceMs: 0, data: 'remove' }, never);
    expect((await engine.observe(null, never)).map(({ instance }) => instance)).toEqual(['two']);
  });

  test('follows the script of a service: exit, log, command results', async () => {
    const engine = memoryEngine({
      services: {
        job: {
          exit: { afterMs: 20, code: 3 },
          logs: ['one', 'two'],
          exec: ([word]) => ({ exitCode: word === 'no' ? 1 : 0, stdout: 'hi' }),
        },
      },
    });
    const all = prepared({ job: {} });
    const target = { instance: 'shop-1', service: 'job', replica: 1 };
    await engine.create(all, ['job'], contextOf());
    expect(await engine.exec(target, ['yes'], { signal: never })).toMatchObject({ exitCode: 126 });
    await engine.start(all, 'job', contextOf());
    expect(await engine.exec(target, ['no'], { signal: never })).toEqual({ exitCode: 1, stdout: 'hi', stderr: '' });
    await expect
      .poll(async () => (await engine.observe('shop-1', never))[0])
      .toMatchObject({ state: 'exited', exitCode: 3, outside: {} });
    const lines: string[] = [];
    for await (const { text } of engine.logs(target, { signal: never, tail: 1 })) lines.push(text);
    expect(lines).toEqual(['two']);
  });

  test('wakes its watchers', async () => {
    const engine = memoryEngine();
    const stop = new AbortController();
    const wakes: StateChange[] = [];
    const watching = (async () => {
      for await (const wake of engine.watch('shop-1', stop.signal)) wakes.push(wake);
    })();
    await engine.create(prepared({ a: {} }), ['a'], contextOf());
    await engine.start(prepared({ a: {} }), 'a', contextOf());
    engine.change({ instance: 'shop-1', service: 'a', replica: 1 }, { state: 'exited', exitCode: 1 });
    await expect.poll(() => wakes.length).toBe(2);
    stop.abort();
    await watching;
  });

  test('fails or hangs at the scripted calls, until the signal aborts', async () => {
    const engine = memoryEngine({
      before: (call) =>
        call === 'start a' ? Promise.reject(new Error('no')) : call === 'remove' ? new Promise(() => {}) : undefined,
    });
    await engine.create(prepared({ a: {} }), ['a'], contextOf());
    await expect(engine.start(prepared({ a: {} }), 'a', contextOf())).rejects.toThrow('no');
    await expect(
      engine.remove('shop-1', { graceMs: 0, data: 'remove' }, AbortSignal.timeout(30)),
    ).rejects.toMatchObject({
      name: 'TimeoutError',
    });
  });
});
