import { describe, expect, test } from 'vitest';
import { errorOf, readyAfter, shop, signal, stage, started } from './stage.js';

describe('up', () => {
  test('starts each service when the services it needs are ready, and returns the exports', async () => {
    const on = stage({
      services: { migrate: { exit: { afterMs: 10, code: 0 } } },
      answers: { db: readyAfter(3), app: readyAfter(1) },
    });
    const outcome = await on.up(shop);
    expect(started(on)).toEqual(['start db', 'start migrate', 'start app']);
    expect(outcome).toMatchObject({
      kind: 'running',
      running: { changed: true, exports: { APP_URL: expect.stringMatching(/^http:/) } },
    });
    const done = on.events.flatMap((event) =>
      event.type === 'step' && event.state === 'done' ? [`${event.step} ${event.service}`] : [],
    );
    const index = (step: string) => done.indexOf(step);
    expect([
      index('gate db') < index('start migrate'),
      index('gate migrate') < index('seed db'),
      index('seed db') < index('start app'),
    ]).toEqual([true, true, true]);
  });
  test('changes nothing the second time', async () => {
    const on = stage({ services: { migrate: { exit: { afterMs: 1, code: 0 } } } });
    await on.up(shop);
    const calls = on.engine.calls.length;
    expect(await on.up(shop)).toMatchObject({ kind: 'running', running: { changed: false } });
    expect(on.engine.calls.slice(calls).filter((call) => /^(create|start|remove)/.test(call))).toEqual([]);
    expect(on.events.filter((event) => event.type === 'seeding').map((event) => event.state)).toEqual([
      'running',
      'done',
      'skipped',
    ]);
  });
  test("runs a Compose file's service that exits with code 0 only once", async () => {
    const file = [
      {
        kind: 'compose' as const,
        text: 'services: { init: { image: x }, app: { image: y, ports: [80], depends_on: { init: {} } } }',
        path: '/project/compose.yml',
      },
    ];
    const on = stage({ services: { init: { exit: { afterMs: 1, code: 0 } } } });
    await on.up(file);
    expect(await on.up(file)).toMatchObject({ kind: 'running', running: { changed: false } });
    expect(started(on)).toEqual(['start init', 'start app']);
  });
  test('keeps services that are not part of a partial up running', async () => {
    const on = stage();
    const text = 'services: { a: { image: x }, b: { image: y } }';
    await on.up(text, {
      resolve: { selection: { only: ['a'], without: [], composeProfiles: [] } },
      wholeProfile: false,
    });
    await on.up(text, {
      resolve: { selection: { only: ['b'], without: [], composeProfiles: [] } },
      wholeProfile: false,
    });
    expect((await on.engine.observe(null, signal)).map(({ service }) => service)).toEqual(['a', 'b']);
  });
  test('skips stopped services and applied seeds when it uses an instance as is', async () => {
    const file = `services:
  db: { template: postgres, seed: [{ sql: s.sql }] }
  worker: { image: w }
  app: { image: x, depends_on: [worker, db] }`;
    const on = stage();
    await on.up(file);
    on.engine.change({ instance: 'shop-000000', service: 'worker', replica: 1 }, { state: 'exited', exitCode: 0 });
    const before = on.events.length;
    expect(await on.up(file, { reuse: 'as-is' })).toMatchObject({ kind: 'running', running: { changed: false } });
    const emitted = on.events.slice(before);
    expect(emitted.flatMap((event) => (event.type === 'notice' ? [event.text] : []))).toEqual([
      'Skipped "worker" (stopped); run `envctl up` to start it',
      'Skipped "app" (needs worker, which is stopped); run `envctl up` to start it',
    ]);
    expect(emitted.flatMap((event) => (event.type === 'ready' ? [event.service] : []))).toEqual(['db']);
    expect(await on.up(file)).toMatchObject({ kind: 'running', running: { changed: true } });
  });
  test('reports a missing seed file before anything is created, unless a command may write it', async () => {
    const on = stage({ host: { stat: async () => null } });
    const text = (steps: string): string => `services: { db: { template: postgres, seed: [${steps}] } }`;
    await expect(on.up(text('{ sql: s.sql }'))).rejects.toMatchObject({
      code: 'SEED_FAILED',
      message: expect.stringContaining('s.sql'),
    });
    expect(on.engine.calls.filter((call) => call.startsWith('create'))).toEqual([]);
    await on.up(text('{ run: make-it }, { sql: s.sql }'));
    expect(started(on)).toEqual(['start db']);
  });
  test('refuses to recreate a service that holds data when it uses an instance as is', async () => {
    const on = stage();
    await on.up('services: { db: { template: postgres } }');
    await expect(
      on.up('services: { db: { template: postgres, environment: { A: b } } }', { reuse: 'as-is' }),
    ).rejects.toMatchObject({
      code: 'DATA_AT_RISK',
      exitCode: 2,
    });
    expect((await on.engine.observe(null, signal)).length).toBe(1);
  });
});

describe('up with a service that does not become ready', () => {
  test('fails as soon as the service exits, with its last log lines', async () => {
    const on = stage({
      services: { app: { exit: { afterMs: 20, code: 3 }, logs: ['one', 'Traceback'] } },
      answers: { app: { kind: 'not-yet', why: 'refused' } },
    });
    const error = errorOf(await on.up('services: { app: { image: x, port: 80, ready: { http: / } } }'));
    expect(error).toMatchObject({
      code: 'SERVICE_FAILED',
      exitCode: 4,
      service: 'app',
      message: 'Service "app" exited with code 3',
    });
    expect(error.detail).toContain('Traceback');
  });
  test('fails as soon as the protocol answers that waiting cannot help', async () => {
    const on = stage({ answers: { db: { kind: 'never', why: 'password authentication failed' } } });
    expect(errorOf(await on.up('services: { db: { template: postgres } }'))).toMatchObject({
      code: 'SERVICE_FAILED',
      message: expect.stringContaining('password authentication failed'),
    });
  });
  test('reports the last answer at the time limit of the gate', async () => {
    const on = stage({ answers: { app: { kind: 'not-yet', why: 'answers 503' } } });
    const error = errorOf(await on.up('services: { app: { image: x, port: 80, ready: { http: /, timeout: 100ms } } }'));
    expect(error).toMatchObject({
      code: 'GATE_TIMEOUT',
      exitCode: 17,
      message: 'Service "app" was not ready after 100ms: answers 503',
    });
    expect(on.events).toContainEqual({ type: 'waiting', service: 'app', probe: 'http', why: 'answers 503' });
  });
  test('does not start the services that depend on it', async () => {
    const on = stage({ services: { migrate: { exit: { afterMs: 5, code: 1 } } } });
    expect(errorOf(await on.up(shop))).toMatchObject({ message: 'Service "migrate" exited with code 1' });
    expect(started(on)).toEqual(['start db', 'start migrate']);
  });
  test('does not treat a service that exits with code 0 as a job without once', async () => {
    const on = stage({ services: { app: { exit: { afterMs: 5, code: 0 } } } });
    expect(errorOf(await on.up('services: { app: { image: x } }'))).toMatchObject({
      message: 'Service "app" exited with code 0 but is not a job (`once: true`)',
    });
  });
  test('detects in the final check that a service exited after its gate opened', async () => {
    const on = stage({ services: { late: { startMs: 100 } } });
    const text = 'services: { first: { image: x, port: 1 }, late: { image: y, depends_on: [first] } }';
    setTimeout(
      () =>
        on.engine.change({ instance: 'shop-000000', service: 'first', replica: 1 }, { state: 'exited', exitCode: 137 }),
      60,
    );
    expect(errorOf(await on.up(text))).toMatchObject({
      code: 'SERVICE_FAILED',
      message: expect.stringMatching(
        /^Service "first" is no longer ready: exited with code 137, probably out of memory/,
      ),
    });
  });
  test('detects in the final check that a service was removed, without events', async () => {
    const on = stage({ services: { late: { startMs: 100 } } });
    const text = 'services: { first: { image: x, port: 1 }, late: { image: y, port: 2, depends_on: [first] } }';
    Object.assign(on.engine, {
      watch: () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }) }),
    });
    setTimeout(() => void on.engine.removeServices('shop-000000', [{ service: 'first', keepReplicas: 0 }], signal), 60);
    expect(errorOf(await on.up(text))).toMatchObject({
      code: 'SERVICE_FAILED',
      message: 'Service "first" is no longer ready: was removed',
    });
  });
  test('fails at the overall time limit with the gates that are not open', async () => {
    const on = stage({ answers: { db: { kind: 'not-yet', why: 'starting up' } } });
    expect(errorOf(await on.up('services: { db: { template: postgres } }', { timeoutMs: 80 }))).toMatchObject({
      code: 'GATE_TIMEOUT',
      message: expect.stringMatching(/^Not ready after 80ms: "db" \(postgres: .*\)/),
    });
  });
  test('returns the services it created or started after a failure', async () => {
    const on = stage({ services: { b: { exit: { afterMs: 1, code: 1 } } } });
    expect(await on.up('services: { a: { image: x }, b: { image: y, depends_on: [a] } }')).toMatchObject({
      kind: 'failed',
      touched: expect.arrayContaining(['a', 'b']),
    });
  });
});
