import { afterAll, describe, expect, test } from 'vitest';
import type { LogLine, LogOptions, StateChange } from '../../../src/model/engine.js';
import { bringUp, engineOf, freshId } from '../../testing/compose-prepared.js';
import { cleanUp, docker } from '../../testing/docker.js';

const engine = engineOf();
const ids: string[] = [];
afterAll(() => {
  for (const id of ids) cleanUp(id);
});

async function instanceOf(command: string, more: Record<string, unknown> = {}): Promise<string> {
  const id = freshId();
  ids.push(id);
  await bringUp(engine, {
    id,
    services: {
      app: { compose: { image: 'debian:bookworm-slim', init: true, command: ['sh', '-c', command], ...more } as never },
    },
  });
  return id;
}

async function linesOf(instance: string, options: Partial<LogOptions> = {}): Promise<LogLine[]> {
  const found: LogLine[] = [];
  for await (const line of engine.logs(
    { instance, service: 'app', replica: 1 },
    { signal: AbortSignal.timeout(20_000), ...options },
  ))
    found.push(line);
  return found;
}

const texts = (lines: readonly LogLine[]): string[] => lines.map(({ text }) => text);

async function ended(instance: string): Promise<void> {
  await expect
    .poll(async () => (await engine.observe(instance, AbortSignal.timeout(5000)))[0]?.state, { timeout: 60_000 })
    .toBe('exited');
}

describe('logs', () => {
  test('returns lines of stdout and stderr', async () => {
    const instance = await instanceOf('echo one; echo zwéi >&2; printf "\\033[31mred\\033[0m\\r\\n"; printf unended');
    await ended(instance);
    const lines = await linesOf(instance);
    expect(lines.filter(({ stream }) => stream === 'stderr')).toEqual([
      { service: 'app', replica: 1, stream: 'stderr', text: 'zwéi' },
    ]);
    expect(texts(lines.filter(({ stream }) => stream === 'stdout'))).toEqual(['one', '\x1b[31mred\x1b[0m', 'unended']);
  });

  test('returns lines of a container with a terminal', async () => {
    const instance = await instanceOf('echo one; echo two', { tty: true });
    await ended(instance);
    expect(texts(await linesOf(instance))).toEqual(['one', 'two']);
  });

  test('returns the last lines, or those since a time', async () => {
    const instance = await instanceOf('echo old; sleep 1.2; for i in 1 2 3; do echo new $i; done');
    await ended(instance);
    expect(texts(await linesOf(instance, { tail: 2 }))).toEqual(['new 2', 'new 3']);
    const [seen] = await engine.observe(instance, AbortSignal.timeout(5000));
    expect(texts(await linesOf(instance, { since: (seen?.startedAt ?? 0) + 700 }))).toEqual([
      'new 1',
      'new 2',
      'new 3',
    ]);
    expect(texts(await linesOf(instance, { since: seen?.startedAt ?? 0 }))).toHaveLength(4);
  });

  test('since a start returns the first line of that run, and none of the previous run', async () => {
    const instance = await instanceOf('echo "run $(date +%s%N)"; exec sleep 60');
    docker('restart', '-t', '0', `${instance}-app-1`);
    const [seen] = await engine.observe(instance, AbortSignal.timeout(5000));
    await expect.poll(async () => (await linesOf(instance)).length, { timeout: 10_000 }).toBe(2);
    const [, second] = texts(await linesOf(instance));
    expect(texts(await linesOf(instance, { since: seen?.startedAt ?? 0 }))).toEqual([second]);
  });

  test('follows new lines until the container ends', async () => {
    const instance = await instanceOf('for i in 1 2 3; do echo $i; sleep 0.2; done');
    expect(texts(await linesOf(instance, { follow: true }))).toEqual(['1', '2', '3']);
  });

  test('ends without an error when the signal aborts', async () => {
    const instance = await instanceOf('while :; do echo x; sleep 0.1; done');
    expect((await linesOf(instance, { follow: true, signal: AbortSignal.timeout(500) })).length).toBeGreaterThan(1);
  });

  test('follows for a limited time', async () => {
    const instance = await instanceOf('echo first; sleep 0.5; echo later; sleep 60');
    expect(texts(await linesOf(instance, { followMs: 2000 }))).toEqual(['first', 'later']);
  });

  test('reports a logging driver that cannot be read', async () => {
    const instance = await instanceOf('echo x; sleep 60', { logging: { driver: 'none' } });
    await expect(linesOf(instance)).rejects.toMatchObject({
      code: 'SERVICE_FAILED',
      message: expect.stringContaining('not available'),
      hint: expect.stringContaining('json-file'),
    });
  });

  test('cuts overlong lines', async () => {
    const instance = await instanceOf('head -c 3000000 /dev/zero | tr "\\0" x; echo; echo next');
    await ended(instance);
    expect((await linesOf(instance)).map(({ text }) => text.length)).toEqual([64 * 1024, 4]);
  });

  test('uses constant memory while the reader is busy', async () => {
    const instance = await instanceOf('yes "$(head -c 2000 /dev/zero | tr "\\0" x)" | head -c 120000000');
    await ended(instance);
    const before = process.memoryUsage().rss;
    let count = 0;
    for await (const _ of engine.logs(
      { instance, service: 'app', replica: 1 },
      { signal: AbortSignal.timeout(60_000) },
    )) {
      if (++count === 100) await new Promise((resolve) => setTimeout(resolve, 2000));
      if (count === 101) break;
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(50e6);
  }, 90_000);
});

describe('watch', () => {
  test('reports changes of the containers of its instance, and no others', async () => {
    const instance = await instanceOf('sleep 60');
    const stop = new AbortController();
    const wakes: StateChange[] = [];
    const watching = (async () => {
      for await (const wake of engine.watch(instance, stop.signal)) wakes.push(wake);
    })();
    await new Promise((resolve) => setTimeout(resolve, 300));
    const other = await instanceOf('sleep 60');
    expect(wakes).toEqual([]);
    docker('kill', `${instance}-app-1`);
    await expect.poll(() => wakes.length, { interval: 10, timeout: 5000 }).toBeGreaterThan(0);
    expect(wakes[0]).toEqual({ service: 'app' });
    stop.abort();
    await watching;
    expect(other).not.toBe(instance);
  });
});
