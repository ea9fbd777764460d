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
  own,
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
  test('separate the two streams and include a last line without a newline', async () => {
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

  test('return the last lines of a long log', async () => {
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

  test('return only the latest run with `since` set to its start', async () => {
    const engine = newEngine();
    const ready = await up(engine, environment('log-3', { app: { argv: shell('echo "run of $$"') } }));
    await ended('log-3');
    await new Promise((resolve) => setTimeout(resolve, 20));
    const [again] = await engine.start(ready, 'app', context);
    await ended('log-3');

    expect(await linesOf(engine, 'log-3', 'app')).toHaveLength(2);
    expect(await linesOf(engine, 'log-3', 'app', { since: again?.startedAt ?? 0 })).toHaveLength(1);
  });

  test('follow the program and end when it has ended', async () => {
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

  test('stop following after `followMs`', async () => {
    const engine = newEngine();
    await up(engine, environment('log-5', { app: { argv: shell('echo first; sleep 0.5; echo later; sleep 60') } }));
    const lines: string[] = [];
    for await (const { text } of engine.logs(
      { instance: 'log-5', service: 'app', replica: 1 },
      { signal, followMs: 2000 },
    ))
      lines.push(text);
    expect(lines).toEqual(['first', 'later']);
  });
});

describe('a command executed in a service', () => {
  const target = { instance: 'exec-1', service: 'app', replica: 1 };
  const engine = newEngine();

  test('gets its variables and working directory and returns its own exit code', async () => {
    mkdirSync(join(project, 'work'), { recursive: true });
    await up(
      engine,
      environment('exec-1', {
        app: {
          process: { kind: 'command', argv: ['sleep', '1000'], cwd: join(project, 'work'), portVariables: {} },
          environment: { WHO: 'app' },
        },
      }),
    );

    expect(
      await engine.exec(target, shell('pwd; echo $WHO $MORE; cat; exit 7'), {
        signal,
        env: { MORE: 'more' },
        stdin: 'input',
      }),
    ).toMatchObject({
      exitCode: 7,
      stdout: `${join(project, 'work')}\napp more\ninput`,
      stderr: '',
    });
  });

  test.each([
    [127, ['no-such-program']],
    [126, ['/etc/passwd']],
    [137, shell('kill -9 $$')],
  ])('returns exit code %i, as a shell does', async (code, argv) => {
    expect((await engine.exec(target, argv, { signal })).exitCode).toBe(code);
  });

  test('is killed with its children at the time limit', async () => {
    const { exitCode } = await engine.exec(target, shell('sleep 31.5 & sleep 31.5'), { signal, timeoutMs: 200 });

    expect(exitCode).toBe(124);
    expect(own('exec-1').filter((command) => command.includes('31.5'))).toEqual([]);
  });

  test('ends when its signal aborts', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error('interrupted')), 200);

    await expect(engine.exec(target, ['sleep', '30'], { signal: stop.signal })).rejects.toThrow('interrupted');
  });

  test('is refused for an unknown service', async () => {
    await expect(engine.exec({ ...target, service: 'nobody' }, ['true'], { signal })).rejects.toMatchObject({
      code: 'INSTANCE_UNKNOWN',
    });
  });
});
