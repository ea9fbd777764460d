import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExecOptions, ExecResult } from '../../../src/model/host.js';
import { bringUp, contextOf, engineOf, environmentOf, freshId, preparedOf } from '../../testing/compose-prepared.js';
import { cleanUp, docker } from '../../testing/docker.js';

const instance = freshId();
const engine = engineOf();

beforeAll(() =>
  bringUp(engine, {
    id: instance,
    services: {
      app: {
        compose: { image: 'debian:bookworm-slim', command: ['sleep', '300'], init: true, environment: { OWN: 'yes' } },
      },
    },
  }),
);
afterAll(() => cleanUp(instance));

const run = (argv: readonly string[], options: Partial<ExecOptions> = {}): Promise<ExecResult> =>
  engine.exec({ instance, service: 'app', replica: 1 }, argv, { signal: AbortSignal.timeout(20_000), ...options });

describe('exec', () => {
  test('returns stdout, stderr and the exit code', async () => {
    expect(await run(['sh', '-c', 'echo out; echo err >&2; printf "é\\n"; exit 7'])).toEqual({
      exitCode: 7,
      stdout: 'out\né\n',
      stderr: 'err\n',
    });
  });

  test('passes arguments on unchanged', async () => {
    expect((await run(['printf', '%s|', '$HOME', '; ls', "'"])).stdout).toBe("$HOME|; ls|'|");
  });

  test('runs in the given folder, as the given user, with additional variables', async () => {
    const result = await run(['sh', '-c', 'pwd; id -u; echo "$OWN $MORE"'], {
      cwd: '/tmp',
      user: '1000',
      env: { MORE: 'a b$c' },
    });
    expect(result.stdout).toBe('/tmp\n1000\nyes a b$c\n');
  });

  test('passes all of stdin to the command', async () => {
    const text = 'é'.repeat(200_000);
    expect((await run(['sh', '-c', 'wc -c; echo done'], { stdin: text })).stdout).toBe(
      `${Buffer.byteLength(text)}\ndone\n`,
    );
    expect((await run(['cat'], { stdin: '' })).stdout).toBe('');
  });

  test('returns 5 MB of output in full', async () => {
    expect((await run(['sh', '-c', 'head -c 5000000 /dev/zero | tr "\\0" x'])).stdout).toHaveLength(5_000_000);
  });

  test('returns 127 for a missing command and 126 for one that cannot be run', async () => {
    expect(await run(['no-such-thing'])).toMatchObject({
      exitCode: 127,
      stderr: expect.stringContaining('executable file not found'),
    });
    expect(await run(['/no/such/thing'])).toMatchObject({ exitCode: 127 });
    expect(await run(['/etc/passwd'])).toMatchObject({
      exitCode: 126,
      stderr: expect.stringContaining('permission denied'),
    });
    expect(await run(['true'], { user: 'nobody-here' })).toMatchObject({
      exitCode: 126,
      stderr: expect.stringContaining('nobody-here'),
    });
    expect(await run(['sh', '-c', 'exit 127'])).toEqual({ exitCode: 127, stdout: '', stderr: '' });
  });

  test('returns 124 and the output so far at the time limit', async () => {
    const result = await run(['sh', '-c', 'echo first; sleep 600'], { timeoutMs: 500 });
    expect(result).toMatchObject({ exitCode: 124, stdout: 'first\n', stderr: 'timed out after 500ms' });
  });

  test("rejects with the signal's reason on abort", async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error('enough')), 300);
    await expect(run(['sleep', '20'], { signal: stop.signal })).rejects.toThrow('enough');
  });

  test('returns 126 while the container does not run', async () => {
    const other = freshId();
    try {
      await bringUp(engine, { id: other, services: { app: {} } });
      const target = { instance: other, service: 'app', replica: 1 };
      docker('pause', `${other}-app-1`);
      expect(await engine.exec(target, ['true'], { signal: AbortSignal.timeout(5000) })).toMatchObject({
        exitCode: 126,
        stderr: expect.stringContaining('paused'),
      });
      docker('unpause', `${other}-app-1`);
      docker('kill', `${other}-app-1`);
      expect(await engine.exec(target, ['true'], { signal: AbortSignal.timeout(5000) })).toMatchObject({
        exitCode: 126,
        stderr: expect.stringContaining('not running'),
      });
    } finally {
      cleanUp(other);
    }
  });

  test('finds a container that replaced another', async () => {
    const other = freshId();
    const sketch = { id: other, services: { app: {} } };
    try {
      await bringUp(engine, sketch);
      const target = { instance: other, service: 'app', replica: 1 };
      await engine.exec(target, ['true'], { signal: AbortSignal.timeout(5000) });
      docker('rm', '-f', `${other}-app-1`);
      const elsewhere = engineOf();
      const prepared = preparedOf(environmentOf(sketch));
      await elsewhere.create(prepared, ['app'], contextOf());
      await elsewhere.start(prepared, 'app', contextOf());
      await engine.exec(target, ['true'], { signal: AbortSignal.timeout(5000) });
      expect(await engine.exec(target, ['true'], { signal: AbortSignal.timeout(5000) })).toMatchObject({ exitCode: 0 });
    } finally {
      cleanUp(other);
    }
  });

  test('is refused for an unknown service or instance', async () => {
    await expect(
      engine.exec({ instance, service: 'nope', replica: 1 }, ['true'], { signal: AbortSignal.timeout(5000) }),
    ).rejects.toMatchObject({ code: 'SERVICE_FAILED', hint: expect.stringContaining('app') });
    await expect(
      engine.exec({ instance: 'no-such-instance', service: 'app', replica: 1 }, ['true'], {
        signal: AbortSignal.timeout(5000),
      }),
    ).rejects.toMatchObject({ code: 'INSTANCE_UNKNOWN' });
  });
});
