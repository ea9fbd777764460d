import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { birthOf } from '../../../src/engines/embedded/processes/process-table.js';
import {
  context,
  environment,
  instanceFolders,
  linesOf,
  newEngine,
  observed,
  options,
  own,
  prepared,
  project,
  signal,
  until,
  up,
} from '../../testing/embedded-environment.js';

const shell = (script: string): readonly string[] => ['sh', '-c', script];
const server = [
  process.execPath,
  '-e',
  "require('node:http').createServer((_, r) => r.end(process.env.GREETING)).listen(process.env.PORT, '127.0.0.1')",
];
const alive = (pid: number): boolean => birthOf(pid) !== null;
const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

describe('a service that was started', () => {
  test('is found by the next call, with its port, variables and fingerprint', async () => {
    const ready = await up(
      newEngine(),
      environment('found-1', {
        app: { argv: server, ports: { main: null }, portVariable: 'PORT', environment: { GREETING: 'hello' } },
      }),
    );

    const seen = await observed(newEngine(), 'found-1', 'app');

    expect(seen).toMatchObject({
      state: 'running',
      exitCode: null,
      restarts: 0,
      fingerprint: ready.workloads[0]?.fingerprint,
      env: { GREETING: 'hello' },
    });
    expect(seen?.outside).toEqual(ready.preparation.outside.app);
    const answer = await until(
      () =>
        fetch(`http://127.0.0.1:${seen?.outside.main?.port}`).then(
          (response) => response.text(),
          () => '',
        ),
      Boolean,
    );
    expect(answer).toBe('hello');
    expect(seen?.record).toEqual(ready.workloads[0]?.record);
  });

  test('is not started again while it runs', async () => {
    const wanted = environment('again-1', { app: {} });
    const ready = await up(newEngine(), wanted);
    const before = await observed(newEngine(), 'again-1', 'app');

    const engine = newEngine();
    await engine.create(ready, ['app'], context);
    const [after] = await engine.start(ready, 'app', context);

    expect(after).toEqual(before);
  });

  test('runs in its own process group, without a terminal and without the other variables of envctl', async () => {
    process.env.LEAK = 'must not be passed on';
    const engine = newEngine();
    await up(
      engine,
      environment('group-1', {
        app: { argv: shell('env; ps -o pgid=,sid=,tty= -p $$; exec sleep 100'), environment: { OWN: 'a b' } },
      }),
    );
    delete process.env.LEAK;
    const seen = await observed(engine, 'group-1', 'app');

    const output = await until(
      () => readFileSync(join(options.stateDir, 'group-1/services/app/1/out.log'), 'utf8'),
      (text) => /\?\s*$/.test(text),
    );

    expect(output).toContain('OWN=a b');
    expect(output).not.toContain('LEAK');
    expect(output.trim().split('\n').at(-1)?.trim().split(/\s+/)).toEqual([seen?.id, seen?.id, '?']);
  });
});

describe('a program that has ended', () => {
  test.each([
    ['its own', 'exit 3', 3],
    ['that of a signal', 'kill -9 $$', 137],
    ['that of a missing program', 'exec no-such-program', 127],
  ])('has an exit code (%s) for every later call', async (_, script, code) => {
    const id = `end-${code}`;
    await up(newEngine(), environment(id, { app: { argv: shell(script) } }));

    const seen = await until(
      () => observed(newEngine(), id, 'app'),
      (one) => one?.state === 'exited',
    );

    expect(seen).toMatchObject({ exitCode: code, outside: {} });
  });

  test('has no exit code if its whole group was killed', async () => {
    await up(newEngine(), environment('end-group', { app: {} }));
    const seen = await observed(newEngine(), 'end-group', 'app');

    process.kill(-Number(seen?.id), 'SIGKILL');

    expect(
      await until(
        () => observed(newEngine(), 'end-group', 'app'),
        (one) => one?.state === 'exited',
      ),
    ).toMatchObject({ exitCode: null });
  });

  test('counts as running while it survives its supervisor', async () => {
    await up(newEngine(), environment('end-leader', { app: {} }));
    const seen = await observed(newEngine(), 'end-leader', 'app');
    await until(
      () => own('end-leader').length,
      (processes) => processes >= 2,
    );

    process.kill(Number(seen?.id), 'SIGKILL');
    await until(
      () => alive(Number(seen?.id)),
      (living) => !living,
    );

    expect(await observed(newEngine(), 'end-leader', 'app')).toMatchObject({ state: 'running', id: seen?.id });
    await newEngine().remove('end-leader', { graceMs: 1000, data: 'remove' }, signal);
    expect(own('end-leader')).toEqual([]);
  });

  test('wakes watchers', async () => {
    const engine = newEngine();
    const stop = new AbortController();
    await up(engine, environment('wake-1', { app: { argv: shell('sleep 0.5') }, other: {} }));
    const wakes: (string | null)[] = [];
    for await (const { service } of engine.watch('wake-1', stop.signal)) {
      wakes.push(service);
      stop.abort();
    }

    expect(wakes).toEqual(['app']);
  });
});

test('a process that has reused the pid of a service is not mistaken for it and not killed', async () => {
  await up(newEngine(), environment('reuse-1', { app: { argv: shell('exit 0') } }));
  await until(
    () => observed(newEngine(), 'reuse-1', 'app'),
    (one) => one?.state === 'exited',
  );
  const file = join(options.stateDir, 'reuse-1/services/app/1/run.json');
  const bystander = execFileSync('sh', ['-c', 'setsid sleep 100 >/dev/null 2>&1 & echo $!'], {
    encoding: 'utf8',
  }).trim();
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), pid: Number(bystander) }));

  expect(await observed(newEngine(), 'reuse-1', 'app')).toMatchObject({ state: 'exited', exitCode: 0 });
  await newEngine().remove('reuse-1', { graceMs: 100, data: 'remove' }, signal);

  expect(alive(Number(bystander))).toBe(true);
  process.kill(Number(bystander), 'SIGKILL');
});

describe('replicas', () => {
  test('each have a port, and removing some removes those with the highest numbers', async () => {
    const engine = newEngine();
    const describe = (scale: number): Parameters<typeof environment>[1] => ({
      app: { argv: server, ports: { main: null }, portVariable: 'PORT', scale, environment: { GREETING: 'x' } },
    });
    await up(engine, environment('scale-1', describe(3)));
    const seen = await engine.observe('scale-1', signal);
    const ports = seen.map(({ outside }) => outside.main?.port ?? 0);
    await Promise.all(ports.map((port) => until(() => accepts(port), Boolean)));

    await engine.removeServices('scale-1', [{ service: 'app', keepReplicas: 1 }], signal);

    expect(new Set(ports).size).toBe(3);
    expect(await Promise.all(ports.map(accepts))).toEqual([true, false, false]);
    await up(engine, environment('scale-1', describe(2)));
    expect((await engine.observe('scale-1', signal)).map(({ outside }) => outside.main?.port)).toEqual(
      ports.slice(0, 2),
    );
  });
});

test('two instances share no port, process or folder', async () => {
  const described = {
    app: { argv: server, ports: { main: null }, portVariable: 'PORT', environment: { GREETING: 'x' } },
  };
  await Promise.all([
    up(newEngine(), environment('two-1', described)),
    up(newEngine(), environment('two-2', described)),
  ]);
  const [one, two] = await Promise.all(['two-1', 'two-2'].map((id) => observed(newEngine(), id, 'app')));
  expect(one?.outside.main?.port).not.toBe(two?.outside.main?.port);

  await newEngine().remove('two-1', { graceMs: 1000, data: 'remove' }, signal);

  expect(await observed(newEngine(), 'two-2', 'app')).toMatchObject({ state: 'running', id: two?.id });
  expect(instanceFolders()).toContain('two-2');
  expect(instanceFolders()).not.toContain('two-1');
});

describe('removing', () => {
  test('leaves no process, port, folder or claim, and can be repeated', async () => {
    const engine = newEngine();
    await up(
      engine,
      environment('removed-1', {
        app: { argv: server, ports: { main: null }, portVariable: 'PORT', environment: { GREETING: 'x' } },
        job: { argv: shell('exit 0') },
      }),
    );
    const port = (await observed(engine, 'removed-1', 'app'))?.outside.main?.port ?? 0;
    await until(() => accepts(port), Boolean);

    const removed = await engine.remove('removed-1', { graceMs: 2000, data: 'remove' }, signal);

    expect(removed).toEqual({ data: [], left: [] });
    expect(await accepts(port)).toBe(false);
    expect(instanceFolders()).not.toContain('removed-1');
    expect(existsSync(join(options.stateDir, '.ports', String(port)))).toBe(false);
    expect(await engine.observe('removed-1', signal)).toEqual([]);
    expect(await engine.remove('removed-1', { graceMs: 0, data: 'remove' }, signal)).toEqual({ data: [], left: [] });
  });

  test('works for services that were created but never started', async () => {
    const engine = newEngine();
    const ready = await prepared(engine, environment('half-1', { app: {}, other: {} }));
    await engine.create(ready, ['app', 'other'], context);
    await engine.start(ready, 'app', context);
    expect(await observed(engine, 'half-1', 'other')).toMatchObject({
      state: 'created',
      exitCode: null,
      startedAt: null,
    });

    expect((await engine.remove('half-1', { graceMs: 1000, data: 'remove' }, signal)).left).toEqual([]);

    expect(instanceFolders()).not.toContain('half-1');
  });

  test('kills processes that ignore SIGTERM, and daemons that left the group', async () => {
    const engine = newEngine();
    const script = `trap '' TERM; setsid sh -c 'trap "" TERM; while :; do sleep 1; done' & while :; do sleep 1; done`;
    await up(engine, environment('stubborn-1', { app: { argv: shell(script) } }));
    await until(
      () => own('stubborn-1').length,
      (count) => count >= 4,
    );

    await engine.remove('stubborn-1', { graceMs: 200, data: 'remove' }, signal);

    expect(own('stubborn-1')).toEqual([]);
  });

  test('finds a process whose caller was killed before it recorded the pid', async () => {
    await up(newEngine(), environment('unwritten-1', { app: {} }));
    const file = join(options.stateDir, 'unwritten-1/services/app/1/run.json');
    const run = JSON.parse(readFileSync(file, 'utf8')) as { pid: number };
    writeFileSync(file, JSON.stringify({ ...run, pid: null, birth: null }));

    expect(await observed(newEngine(), 'unwritten-1', 'app')).toMatchObject({ state: 'running' });
    await newEngine().remove('unwritten-1', { graceMs: 1000, data: 'remove' }, signal);

    expect(alive(run.pid)).toBe(false);
  });

  test('ends the processes of an instance whose folder was deleted manually', async () => {
    await up(newEngine(), environment('deleted-1', { app: {} }));
    const id = Number((await observed(newEngine(), 'deleted-1', 'app'))?.id);
    execFileSync('rm', ['-rf', join(options.stateDir, 'deleted-1')]);

    await newEngine().remove('deleted-1', { graceMs: 1000, data: 'remove' }, signal);

    expect(alive(id)).toBe(false);
  });

  test('refuses an id that leads out of the state folder', async () => {
    mkdirSync(join(project, 'precious'), { recursive: true });

    await expect(newEngine().remove('../precious', { graceMs: 0, data: 'remove' }, signal)).rejects.toMatchObject({
      code: 'INSTANCE_UNKNOWN',
    });

    expect(existsSync(join(project, 'precious'))).toBe(true);
  });
});

test.each(['', '{"version":1,', 'null', '{"version":99}'])(
  'a service whose record is %j can be observed, removed and created again',
  async (text) => {
    const wanted = environment('broken-1', { app: {} });
    await up(newEngine(), wanted);
    writeFileSync(join(options.stateDir, 'broken-1/services/app/1/created.json'), text);

    expect(await observed(newEngine(), 'broken-1', 'app')).toMatchObject({
      record: null,
      fingerprint: '',
      state: 'running',
    });

    await newEngine().removeServices('broken-1', [{ service: 'app', keepReplicas: 0 }], signal);
    const ready = await up(newEngine(), wanted);
    expect(await observed(newEngine(), 'broken-1', 'app')).toMatchObject({
      state: 'running',
      fingerprint: ready.workloads[0]?.fingerprint,
    });
  },
);

describe('the stop_grace_period of a service', () => {
  /** Needs 1.5 s after SIGTERM to write its file. */
  const flushing = (file: string): readonly string[] => [
    process.execPath,
    '-e',
    `process.on('SIGTERM', () => setTimeout(() => {
       require('node:fs').writeFileSync(${JSON.stringify(file)}, '');
       process.exit(0);
     }, 1500));
     setInterval(() => {}, 1000);
     console.log('ready');`,
  ];
  const started = async (id: string, grace: string): Promise<string> => {
    const file = join(project, `${id}-flushed`);
    const compose = { stop_grace_period: grace };
    await up(newEngine(), environment(id, { app: { argv: flushing(file), compose, data: ['/data'] } }));
    await until(
      () => linesOf(newEngine(), id, 'app'),
      (lines) => lines.includes('ready'),
    );
    return file;
  };

  test.each([
    ['20s', true],
    ['200ms', false],
  ])('decides whether `stop` lets it finish: %s', async (grace, isFlushed) => {
    const file = await started(`grace-stop-${grace}`, grace);

    await newEngine().stop(`grace-stop-${grace}`, ['app'], signal);

    expect(existsSync(file)).toBe(isFlushed);
    expect(await observed(newEngine(), `grace-stop-${grace}`, 'app')).toMatchObject({
      state: 'exited',
      exitCode: isFlushed ? 0 : 137,
    });
  });

  test.each([
    ['20s', true],
    ['200ms', false],
  ])('decides whether a removal that keeps its data lets it finish: %s', async (grace, isFlushed) => {
    const file = await started(`grace-keep-${grace}`, grace);

    await newEngine().remove(`grace-keep-${grace}`, { graceMs: 0, data: 'keep' }, signal);

    expect(existsSync(file)).toBe(isFlushed);
  });

  test('does not delay a removal of its data', async () => {
    const file = await started('grace-remove', '20s');

    await newEngine().remove('grace-remove', { graceMs: 0, data: 'remove' }, signal);

    expect(existsSync(file)).toBe(false);
  });
});

test('stop keeps the records, and the next start is a new run', async () => {
  const engine = newEngine();
  const wanted = environment('stop-1', { app: { argv: shell('trap "exit 5" TERM; while :; do sleep 0.05; done') } });
  const ready = await up(engine, wanted);
  const before = await observed(engine, 'stop-1', 'app');
  await new Promise((resolve) => setTimeout(resolve, 200));

  await engine.stop('stop-1', ['app'], signal);
  const stopped = await observed(engine, 'stop-1', 'app');
  await engine.start(ready, 'app', context);

  expect(stopped).toMatchObject({ state: 'exited', exitCode: 5 });
  const after = await observed(engine, 'stop-1', 'app');
  expect(after?.state).toBe('running');
  expect(after?.id).not.toBe(before?.id);
});
