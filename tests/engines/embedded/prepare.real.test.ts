import { existsSync, readdirSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Environment } from '../../../src/model/environment.js';
import {
  context,
  environment,
  instanceFolders,
  newEngine,
  observed,
  options,
  prepared,
  project,
  signal,
  up,
} from '../../testing/embedded-environment.js';

const listen = (port: number, host = '127.0.0.1'): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer()
      .once('error', reject)
      .listen(port, host, () => resolve(server));
  });
const portOf = (server: Server): number => (server.address() as { port: number }).port;
const refusal = (
  wanted: Environment,
  changes = {},
): Promise<{ code: string; message: string; hint: string; detail?: string }> =>
  newEngine(changes)
    .check(wanted, signal)
    .then(
      () => ({ code: 'none', message: '', hint: '' }),
      (error: { code: string; message: string; hint: string }) => error,
    );

describe('ports', () => {
  test('of environments prepared at the same time are all different', async () => {
    const wanted = Array.from({ length: 12 }, (_, index) =>
      environment(`many-${index}`, {
        a: { ports: { main: null, admin: null } },
        b: { ports: { main: null }, scale: 2 },
      }),
    );

    const all = await Promise.all(wanted.map((one) => prepared(newEngine(), one)));

    const ports = all.flatMap(({ preparation }) =>
      Object.values(preparation.outside).flatMap((service) => Object.values(service).map(({ port }) => port)),
    );
    expect(new Set(ports).size).toBe(36);
    expect(Math.min(...ports)).toBeGreaterThanOrEqual(20_000);
    for (const { id } of wanted) await newEngine().remove(id, { graceMs: 0, data: 'remove' }, signal);
    expect(readdirSync(join(options.stateDir, '.ports'))).toEqual([]);
  });

  test('stay the same for the life of an instance, inside and outside', async () => {
    const wanted = environment('stay-1', { app: { ports: { main: null } } });
    const first = await prepared(newEngine(), wanted);

    const second = await prepared(newEngine(), wanted);

    expect(second.preparation.outside).toEqual(first.preparation.outside);
    expect(first.preparation.inside).toEqual(first.preparation.outside);
    await newEngine().remove('stay-1', { graceMs: 0, data: 'remove' }, signal);
  });

  test('are not claimed by `plan`', async () => {
    const { outside } = await newEngine().prepare(
      environment('plan-1', { app: { ports: { main: null } } }),
      { observed: [], reserve: [], images: 'local', pull: false },
      context,
    );

    expect(outside).toEqual({ app: { main: { host: '127.0.0.1', port: 0 } } });
    expect(existsSync(join(options.stateDir, '.ports')) ? readdirSync(join(options.stateDir, '.ports')) : []).toEqual(
      [],
    );
  });

  test('that are fixed and in use by another program are refused before anything is created', async () => {
    const other = await listen(0, '0.0.0.0');

    await expect(
      prepared(newEngine(), environment('fixed-1', { app: { run: 'no-such-server', ports: { main: portOf(other) } } })),
    ).rejects.toMatchObject({ code: 'ENGINE_CANNOT_RUN' });
    await expect(
      prepared(newEngine(), environment('fixed-1', { app: { ports: { main: portOf(other) } } })),
    ).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message: `Port ${portOf(other)} of "app" (main) is in use by another program`,
    });

    expect(instanceFolders()).not.toContain('fixed-1');
    other.close();
  });

  test('that are fixed and in use by the service itself are accepted', async () => {
    const free = await listen(0);
    const port = portOf(free);
    await new Promise((resolve) => free.close(resolve));
    const wanted = environment('fixed-2', {
      app: {
        ports: { main: port },
        portVariable: 'PORT',
        argv: [process.execPath, '-e', 'require("node:net").createServer().listen(process.env.PORT, "127.0.0.1")'],
      },
    });

    await up(newEngine(), wanted);
    await new Promise((resolve) => setTimeout(resolve, 300));

    expect((await prepared(newEngine(), wanted)).preparation.outside.app?.main?.port).toBe(port);
    expect((await observed(newEngine(), 'fixed-2', 'app'))?.outside.main?.port).toBe(port);
  });

  test('that another program took in the meantime are refused at start', async () => {
    const engine = newEngine();
    const ready = await prepared(engine, environment('taken-1', { app: { ports: { main: null } } }));
    await engine.create(ready, ['app'], context);
    const other = await listen(ready.preparation.outside.app?.main?.port ?? 0);

    await expect(engine.start(ready, 'app', context)).rejects.toMatchObject({ code: 'PORT_TAKEN', service: 'app' });

    other.close();
  });
});

describe('a service that cannot run is refused before anything is created', () => {
  const noPrograms = { env: { PATH: '/nonexistent' }, programFolders: [] };

  test.each([
    ['rabbitmq-server', 'no rabbitmq-server on PATH', 'rabbitmq-server', 'rabbitmq'],
    ['redis-server', 'no redis-server or valkey-server on PATH', 'redis-server', 'redis'],
    ['mariadbd', 'no mariadbd on PATH', 'mariadb-server', 'mariadb'],
    ['nats-server', 'no nats-server on PATH', 'nats-server', 'nats-server'],
    ['mosquitto', 'no mosquitto on PATH', 'mosquitto', 'mosquitto'],
    ['memcached', 'no memcached on PATH', 'memcached', 'memcached'],
    ['wiremock', 'no java on PATH', 'default-jre-headless', 'openjdk'],
  ])('%s, with the command that installs it', async (run, why, apt, brew) => {
    const { code, message, hint } = await refusal(environment('no-1', { queue: { run } }), noPrograms);

    expect({ code, message }).toEqual({
      code: 'ENGINE_CANNOT_RUN',
      message: `"queue" cannot run without Docker here: ${why}`,
    });
    expect(hint).toContain(`apt-get install ${apt}`);
    expect(hint).toContain(`brew install ${brew}`);
    expect(hint).toContain('--engine compose');
    expect(instanceFolders()).not.toContain('no-1');
  });

  test('an unknown server, with the closest name', async () => {
    expect(await refusal(environment('no-2', { cache: { run: 'redis-servr' } }))).toMatchObject({
      code: 'ENGINE_CANNOT_RUN',
      hint: expect.stringContaining('redis-server') as string,
    });
  });

  test('without a process form', async () => {
    expect(await refusal(environment('no-3', { app: { process: null } }))).toMatchObject({
      message: '"app" cannot run without Docker here: it has no process form',
    });
  });

  test('with a missing program or working directory', async () => {
    expect((await refusal(environment('no-4', { app: { argv: ['no-such-program', 'x'] } }))).message).toContain(
      'no no-such-program on PATH',
    );
    expect(
      (
        await refusal(
          environment('no-5', {
            app: {
              process: { kind: 'command', argv: ['sleep', '1'], cwd: join(project, 'nowhere'), portVariables: {} },
            },
          }),
        )
      ).message,
    ).toContain('nowhere is missing');
  });

  test('together with others, with the fix for each', async () => {
    const { message, detail } = await refusal(
      environment('no-6', { queue: { run: 'rabbitmq-server' }, app: {}, cache: { run: 'redis-server' } }),
      noPrograms,
    );

    expect(message).toBe('3 services cannot run without Docker here: queue, app, cache');
    expect(detail).toContain('apt-get install rabbitmq-server');
    expect(detail).toContain('apt-get install redis-server');
  });
});
