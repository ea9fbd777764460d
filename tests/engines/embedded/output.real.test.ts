import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { LogLine } from '../../../src/model/engine.js';
import {
  context,
  environment,
  linesOf,
  newEngine,
  observed,
  project,
  signal,
  until,
  up,
} from '../../testing/embedded-environment.js';

const shell = (script: string): readonly string[] => ['sh', '-c', script];
const ended = (id: string): Promise<unknown> =>
  until(
    () => observed(newEngine(), id, 'app'),
    (one) => one?.state === 'exited',
  );

describe('logs', () => {
  test('tell the two streams apart, and keep a last line without an end', async () => {
    const engine = newEngine();
    await up(engine, environment('log-1', { app: { argv: shell('echo out; echo err >&2; printf "no end"') } }));
    await ended('log-1');

    const lines: LogLine[] = [];
    for await (const line of engine.logs({ instance: 'log-1', service: 'app', replica: 1 }, { signal }))
      lines.push(line);

    expect(new Set(lines.map(({ stream, text }) => `${stream}: ${text}`))).toEqual(
      new Set(['stdout: out', 'stderr: err', 'stdout: no end']),
    );
  });

  test('give the last lines of a long log without reading all of it', async () => {
    const engine = newEngine();
    await up(
      engine,
      environment('log-2', {
        app: { argv: shell(`i=0; while [ $i -lt 60000 ]; do echo "line $i"; i=$((i+1)); done`) },
      }),
    );
    await ended('log-2');

    expect(await linesOf(engine, 'log-2', 'app', { tail: 3 })).toEqual(['line 59997', 'line 59998', 'line 59999']);
    expect(await linesOf(engine, 'log-2', 'app', { tail: 0 })).toEqual([]);
    expect(await linesOf(engine, 'log-2', 'app')).toHaveLength(60000);
  });

  test('of the latest run alone, where asked since its start', async () => {
    const engine = newEngine();
    const ready = await up(engine, environment('log-3', { app: { argv: shell('echo "run of $$"') } }));
    await ended('log-3');
    await new Promise((resolve) => setTimeout(resolve, 20));
    const [again] = await engine.start(ready, 'app', context);
    await ended('log-3');

    expect(await linesOf(engine, 'log-3', 'app')).toHaveLength(2);
    expect(await linesOf(engine, 'log-3', 'app', { since: again?.startedAt ?? 0 })).toHaveLength(1);
  });

  test('follow what is written, and end when the program has ended', async () => {
    const engine = newEngine();
    await up(
      engine,
      environment('log-4', { app: { argv: shell('for i in 1 2 3; do echo $i; sleep 0.1; done; printf last') } }),
    );

    const lines: string[] = [];
    for await (const { text } of engine.logs(
      { instance: 'log-4', service: 'app', replica: 1 },
      { signal, follow: true },
    ))
      lines.push(text);

    expect(lines).toEqual(['1', '2', '3', 'last']);
  });

  test('are followed for a while only, where that is asked', async () => {
    const engine = newEngine();
    await up(engine, environment('log-5', { app: { argv: shell('echo begun; sleep 0.5; echo later; sleep 60') } }));
    const lines: string[] = [];
    for await (const { text } of engine.logs(
      { instance: 'log-5', service: 'app', replica: 1 },
      { signal, followMs: 2000 },
    ))
      lines.push(text);
    expect(lines).toEqual(['begun', 'later']);
  });
});

describe('a command run in a service', () => {
  const target = { instance: 'exec-1', service: 'app', replica: 1 };
  const engine = newEngine();

  test('has its environment and working directory, and tells its own exit code', async () => {
    mkdirSync(join(project, 'place'), { recursive: true });
    await up(
      engine,
      environment('exec-1', {
        app: {
          process: { kind: 'command', argv: ['sleep', '1000'], cwd: join(project, 'place'), portVariables: {} },
          environment: { WHO: 'app' },
        },
      }),
    );

    expect(
      await engine.exec(target, shell('pwd; echo $WHO $MORE; cat; exit 7'), {
        signal,
        env: { MORE: 'more' },
        stdin: 'said',
      }),
    ).toEqual({
      exitCode: 7,
      stdout: `${join(project, 'place')}\napp more\nsaid`,
      stderr: '',
    });
  });

  test.each([
    [127, ['no-such-program-of-ours']],
    [126, ['/etc/passwd']],
    [137, shell('kill -9 $$')],
  ])('tells %i as a shell would', async (code, argv) => {
    expect((await engine.exec(target, argv, { signal })).exitCode).toBe(code);
  });

  test('is ended with all that it started when its time is over', async () => {
    const began = Date.now();

    expect((await engine.exec(target, shell('sleep 30 & sleep 30'), { signal, timeoutMs: 200 })).exitCode).toBe(124);

    expect(Date.now() - began).toBeLessThan(3000);
  });

  test('is ended when the caller is interrupted', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error('interrupted')), 200);

    await expect(engine.exec(target, ['sleep', '30'], { signal: stop.signal })).rejects.toThrow('interrupted');
  });

  test('is refused where there is no such service', async () => {
    await expect(engine.exec({ ...target, service: 'nobody' }, ['true'], { signal })).rejects.toMatchObject({
      code: 'INSTANCE_UNKNOWN',
    });
  });
});
