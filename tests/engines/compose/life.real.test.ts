import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { EnvctlError } from '../../../src/model/errors.js';
import type { Observed } from '../../../src/model/observed.js';
import { bringUp, contextOf, engineOf, environmentOf, freshId, preparedOf } from '../../testing/compose-prepared.js';
import { census, cleanUp, docker, redis, volumesOf } from '../../testing/docker.js';

const ids: string[] = [];
const id = (): string => {
  ids.push(freshId());
  return ids.at(-1) ?? '';
};
afterEach(() => {
  for (const each of ids.splice(0)) cleanUp(each);
});

const engine = engineOf();
const signal = (): AbortSignal => AbortSignal.timeout(60_000);
const summary = (observed: readonly Observed[]): string[] =>
  observed.map(({ service, replica, state }) => `${service} ${replica} ${state}`).sort();
const now = { graceMs: 0, data: 'remove' } as const;

async function failure(work: Promise<unknown>): Promise<EnvctlError> {
  const error: unknown = await work.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(EnvctlError);
  return error as EnvctlError;
}

describe('an instance', () => {
  test('is created, started, seen and removed without a trace', async () => {
    const instance = id();
    await bringUp(engine, {
      id: instance,
      services: { cache: { compose: { image: redis }, ports: { main: 6379 } }, app: {} },
    });
    const observed = await engine.observe(instance, signal());
    expect(summary(observed)).toEqual(['app 1 running', 'cache 1 running']);
    const cache = observed.find(({ service }) => service === 'cache');
    expect(cache).toMatchObject({
      outside: { main: { host: '127.0.0.1' } },
      exitCode: null,
      restarts: 0,
      health: null,
      record: { kind: 'app', storage: 'disk' },
      env: { PATH: expect.any(String) },
    });
    expect(cache?.startedAt).toBeGreaterThan(Date.now() - 60_000);
    expect(volumesOf(instance)).toEqual([expect.stringMatching(/cache-data-[0-9a-f]{6}$/)]);
    const removed = await engine.remove(instance, now, signal());
    expect(removed).toEqual({ data: [expect.stringMatching(/cache-data/)], left: [] });
    expect(census(instance)).toEqual([]);
  });

  test('can be created, started, stopped and removed repeatedly', async () => {
    const instance = id();
    const sketch = { id: instance, services: { app: {} } };
    const prepared = await bringUp(engine, sketch);
    const [before] = await engine.observe(instance, signal());
    await engine.create(prepared, ['app'], contextOf());
    const [again] = await engine.start(prepared, 'app', contextOf());
    expect(again?.id).toBe(before?.id);
    await engine.stop(instance, ['app'], signal());
    await engine.stop(instance, ['app'], signal());
    expect(summary(await engine.observe(instance, signal()))).toEqual(['app 1 exited']);
    expect(summary(await engine.start(prepared, 'app', contextOf()))).toEqual(['app 1 running']);
    await engine.remove(instance, now, signal());
    expect(await engine.remove(instance, now, signal())).toEqual({ data: [], left: [] });
  });

  test('gets new containers for those that an interrupted create left', async () => {
    const instance = id();
    const environment = environmentOf({ id: instance, services: { app: {}, other: {} } });
    const prepared = preparedOf(environment);
    await engine.create(prepared, ['app', 'other'], contextOf());
    const before = await engine.observe(instance, signal());
    await engine.create(prepared, ['app'], contextOf());
    const after = await engine.observe(instance, signal());
    const idOf = (observed: readonly Observed[], service: string): string | undefined =>
      observed.find((each) => each.service === service)?.id;
    expect(idOf(after, 'app')).not.toBe(idOf(before, 'app'));
    expect(idOf(after, 'other')).toBe(idOf(before, 'other'));
  });

  test('shares nothing with another instance', async () => {
    const [first, second] = [id(), id()];
    const services = { cache: { compose: { image: redis, container_name: 'the-cache' }, ports: { main: 6379 } } };
    await Promise.all([bringUp(engine, { id: first, services }), bringUp(engine, { id: second, services })]);
    const [a] = await engine.observe(first, signal());
    const [b] = await engine.observe(second, signal());
    expect(a?.outside.main?.port).not.toBe(b?.outside.main?.port);
    await engine.remove(first, now, signal());
    expect(census(first)).toEqual([]);
    expect(summary(await engine.observe(second, signal()))).toEqual(['cache 1 running']);
    const all = await engine.observe(null, signal());
    expect(all.map(({ instance }) => instance)).toContain(second);
  });

  test('gives replicas separate addresses and removes the highest numbers first', async () => {
    const instance = id();
    await bringUp(engine, {
      id: instance,
      services: { cache: { compose: { image: redis }, ports: { main: 6379 }, scale: 3 } },
    });
    const observed = await engine.observe(instance, signal());
    expect(summary(observed)).toEqual(['cache 1 running', 'cache 2 running', 'cache 3 running']);
    expect(new Set(observed.map(({ outside }) => outside.main?.port)).size).toBe(3);
    const volumes = volumesOf(instance);
    expect(new Set(volumes).size).toBe(3);
    await engine.removeServices(instance, [{ service: 'cache', keepReplicas: 1 }], signal());
    expect(summary(await engine.observe(instance, signal()))).toEqual(['cache 1 running']);
    await engine.remove(instance, now, signal());
    const left = docker('volume', 'ls', '-q').split('\n');
    expect(volumes.filter((volume) => left.includes(volume))).toEqual([]);
  });

  test('adds replicas without changing those that run', async () => {
    const instance = id();
    const one = { id: instance, services: { app: {} } };
    const three = { id: instance, services: { app: { scale: 3 } } };
    await bringUp(engine, one);
    const [before] = await engine.observe(instance, signal());
    await bringUp(engine, three);
    const after = await engine.observe(instance, signal());
    expect(summary(after)).toEqual(['app 1 running', 'app 2 running', 'app 3 running']);
    expect(after.find(({ replica }) => replica === 1)).toMatchObject({ id: before?.id, startedAt: before?.startedAt });
  });

  test('starts containers that another process has replaced', async () => {
    const instance = id();
    const sketch = { id: instance, services: { app: {} } };
    const prepared = preparedOf(environmentOf(sketch));
    await engine.create(prepared, ['app'], contextOf());
    await engineOf().create(prepared, ['app'], contextOf());
    expect(summary(await engine.start(prepared, 'app', contextOf()))).toEqual(['app 1 running']);
  });

  test('reports the exit code of a container', async () => {
    const instance = id();
    const prepared = await bringUp(engine, {
      id: instance,
      services: { job: { compose: { image: redis, command: ['sh', '-c', 'exit 3'], entrypoint: [] } } },
    });
    await expect
      .poll(async () => (await engine.observe(instance, signal()))[0], { timeout: 10_000 })
      .toMatchObject({ state: 'exited', exitCode: 3, outside: {} });
    expect(prepared.environment.id).toBe(instance);
  });

  test('resumes a paused container at start', async () => {
    const instance = id();
    const prepared = await bringUp(engine, { id: instance, services: { app: {} } });
    docker('pause', `${instance}-app-1`);
    expect(summary(await engine.observe(instance, signal()))).toEqual(['app 1 paused']);
    expect(summary(await engine.start(prepared, 'app', contextOf()))).toEqual(['app 1 running']);
  });

  test('reports a container that was removed after its creation', async () => {
    const instance = id();
    const environment = environmentOf({ id: instance, services: { app: {} } });
    const prepared = preparedOf(environment);
    await engine.create(prepared, ['app'], contextOf());
    docker('rm', '-f', `${instance}-app-1`);
    expect(await failure(engine.start(prepared, 'app', contextOf()))).toMatchObject({
      code: 'SERVICE_FAILED',
      message: expect.stringContaining('was removed after its creation'),
    });
  });
});

describe('a container', () => {
  test('gets literal values with any number of dollar signs, and labels', async () => {
    const instance = id();
    const value = 'a$b ${c} $$ "q" \' \\ \u{1F600}\nline';
    await bringUp(engine, {
      id: instance,
      services: {
        app: {
          compose: {
            image: redis,
            entrypoint: [],
            command: ['sleep', '60'],
            environment: { P: value },
          },
        },
      },
    });
    const [seen] = await engine.observe(instance, signal());
    expect(seen?.env.P).toBe(value);
    const labels = JSON.parse(docker('inspect', `${instance}-app-1`, '--format', '{{json .Config.Labels}}')) as Record<
      string,
      string
    >;
    expect(labels).toMatchObject({
      'envctl.instance': instance,
      'envctl.profile': 'test',
      'envctl.service': 'app',
      'envctl.project': expect.stringMatching(/^[0-9a-f]{12}$/),
    });
  });

  test('has stores in memory that an unprivileged user can write to', async () => {
    const instance = id();
    const sketch = {
      id: instance,
      services: {
        app: {
          compose: { image: 'debian:bookworm-slim', command: ['sleep', '60'], init: true, user: '1234:1235' },
          data: ['/var/lib/store'],
        },
      },
      storage: 'memory' as const,
    };
    await bringUp(engine, sketch);
    const result = await engine.exec(
      { instance, service: 'app', replica: 1 },
      ['sh', '-c', 'touch /var/lib/store/x && stat -c "%u %g" /var/lib/store && grep /var/lib/store /proc/mounts'],
      { signal: signal() },
    );
    expect(result).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^1234 1235\ntmpfs \/var\/lib\/store tmpfs/),
    });
    expect(volumesOf(instance)).toEqual([]);
  });

  test('has no anonymous volume, in memory or on disk', async () => {
    const [memory, disk] = [id(), id()];
    await bringUp(engine, {
      id: memory,
      services: { cache: { compose: { image: redis }, data: ['/data'] } },
      storage: 'memory',
    });
    await bringUp(engine, { id: disk, services: { cache: { compose: { image: redis }, data: ['/data'] } } });
    expect(volumesOf(memory)).toEqual([]);
    expect(volumesOf(disk)).toEqual([expect.stringMatching(/^test-.*cache-data-/)]);
  });

  test('is reached by its service name and its container_name', async () => {
    const instance = id();
    await bringUp(engine, {
      id: instance,
      services: {
        a: { compose: { image: redis, entrypoint: [], command: ['sleep', '60'], container_name: 'old-name' } },
        b: {},
      },
    });
    const target = { instance, service: 'b', replica: 1 };
    const result = await engine.exec(target, ['getent', 'hosts', 'old-name', 'a'], { signal: signal() });
    expect(result.stdout.trim().split('\n')).toHaveLength(2);
  });

  test("has an address without a published port on an internal network or another service's network", async () => {
    const instance = id();
    const prepared = await bringUp(engine, {
      id: instance,
      services: {
        inner: {
          compose: { image: redis, networks: ['closed'], command: ['redis-server', '--protected-mode', 'no'] },
          ports: { main: 6379 },
        },
        lender: { compose: { image: redis }, ports: { main: 6379 } },
        guest: {
          compose: {
            image: redis,
            network_mode: 'service:lender',
            command: ['redis-server', '--port', '6380', '--protected-mode', 'no'],
          },
          ports: { main: 6380 },
        },
        host: {
          compose: { image: redis, network_mode: 'host', entrypoint: [], command: ['sleep', '60'] },
          ports: { main: 7777 },
        },
      },
      compose: { networks: { closed: { internal: true } } },
    });
    const outside = Object.fromEntries(
      (await engine.observe(instance, signal())).map((seen) => [seen.service, seen.outside.main]),
    );
    expect((await engine.start(prepared, 'guest', contextOf()))[0]?.outside.main).toEqual(outside.guest);
    expect(outside.inner).toEqual({ host: expect.stringMatching(/^(172|192|10)\./), port: 6379 });
    expect(outside.guest).toEqual({ host: expect.stringMatching(/^(172|192|10)\./), port: 6380 });
    expect(outside.host).toEqual({ host: '127.0.0.1', port: 7777 });
    const { connect } = await import('node:net');
    for (const service of ['inner', 'guest']) {
      const address = outside[service];
      await expect
        .poll(
          () =>
            new Promise((resolve) =>
              connect(address?.port ?? 0, address?.host ?? '', () => resolve('open')).on('error', resolve),
            ),
          { timeout: 10_000 },
        )
        .toBe('open');
    }
  });
});

describe('removing an instance', () => {
  test('keeps data if requested, and removes it the next time', async () => {
    const instance = id();
    await bringUp(engine, { id: instance, services: { cache: { compose: { image: redis } } } });
    const [volume] = volumesOf(instance);
    expect(await engine.kept(instance, signal())).toEqual([]);
    expect(await engine.remove(instance, { graceMs: 0, data: 'keep' }, signal())).toEqual({ data: [], left: [] });
    expect(census(instance)).toEqual([`volume ${volume}`]);
    const store = {
      instance,
      service: 'cache',
      profile: 'test',
      name: volume,
      createdAt: expect.closeTo(Date.now(), -5),
    };
    expect(await engine.kept(instance, signal())).toEqual([store]);
    expect(await engine.kept(null, signal())).toContainEqual(store);
    expect((await engine.remove(instance, { ...now, except: [volume ?? ''] }, signal())).data).toEqual([]);
    expect((await engine.remove(instance, now, signal())).data).toEqual([volume]);
    expect(census(instance)).toEqual([]);
  });

  test('gives a server whose data survives time to write it', async () => {
    const instance = id();
    const command = ['sh', '-c', 'trap "echo written > /data/file; exit" TERM; echo up; while :; do sleep 0.1; done'];
    await bringUp(engine, {
      id: instance,
      services: { cache: { compose: { image: redis, entrypoint: [], command } } },
    });
    const [volume = ''] = volumesOf(instance);
    const running = async (): Promise<boolean> => {
      for await (const { text } of engine.logs(
        { instance, service: 'cache', replica: 1 },
        { signal: signal(), followMs: 10_000 },
      ))
        if (text === 'up') return true;
      return false;
    };
    expect(await running()).toBe(true);
    await engine.removeServices(instance, [{ service: 'cache', keepReplicas: 0 }], signal());
    expect(docker('run', '--rm', '--entrypoint', 'cat', '-v', `${volume}:/data`, redis, '/data/file')).toBe('written');
  });

  test.each([
    { title: 'gives a server time to write data in a folder of the host', data: ['/data'], files: ['file'] },
    { title: 'kills a server whose folder of the host holds no data', data: [], files: [] },
  ])('$title', async ({ data, files }) => {
    const instance = id();
    const folder = mkdtempSync(join(tmpdir(), 'envctl-data-'));
    try {
      const command = ['sh', '-c', 'trap "echo written > /data/file; exit" TERM; echo up; while :; do sleep 0.1; done'];
      const volumes = [{ type: 'bind', source: folder, target: '/data' }];
      const compose = { image: 'debian:bookworm-slim', command, volumes, init: false };
      await bringUp(engine, { id: instance, services: { search: { compose, data } } });
      for await (const { text } of engine.logs(
        { instance, service: 'search', replica: 1 },
        { signal: signal(), followMs: 10_000 },
      ))
        if (text === 'up') break;
      await engine.removeServices(instance, [{ service: 'search', keepReplicas: 0 }], signal());
      expect(readdirSync(folder)).toEqual(files);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('keeps the stores of a service with `keep`, with and without its container', async () => {
    const instance = id();
    await bringUp(engine, {
      id: instance,
      services: { db: { compose: { image: redis }, keep: true }, cache: { compose: { image: redis } } },
    });
    expect((await engine.remove(instance, now, signal())).data).toEqual([expect.stringMatching(/cache-data/)]);
    expect((await engine.remove(instance, now, signal())).data).toEqual([]);
    expect(census(instance)).toEqual([expect.stringMatching(/volume .*db-data/)]);
  });

  test('leaves external networks and volumes alone', async () => {
    const instance = id();
    const outer = `outer-${instance}`;
    docker('network', 'create', '--label', 'test.of=envctl', outer);
    docker('volume', 'create', outer);
    try {
      await bringUp(engine, {
        id: instance,
        services: {
          cache: {
            compose: {
              image: redis,
              networks: ['outer'],
              volumes: [{ type: 'volume', source: 'outer', target: '/data' }],
            },
          },
        },
        compose: {
          networks: { outer: { external: true, name: outer } },
          volumes: { outer: { external: true, name: outer } },
        },
      });
      expect(await engine.remove(instance, now, signal())).toEqual({ data: [], left: [] });
      expect(census(instance)).toEqual([`network ${outer}`, `volume ${outer}`]);
    } finally {
      docker('network', 'rm', outer);
      docker('volume', 'rm', outer);
    }
  });

  test('reports a foreign container on its network and removes the rest', async () => {
    const instance = id();
    const foreign = `foreign-${instance}`;
    await bringUp(engine, { id: instance, services: { app: {} } });
    docker(
      'run',
      '-d',
      '--init',
      '--name',
      foreign,
      '--network',
      `${instance}_default`,
      'debian:bookworm-slim',
      'sleep',
      '60',
    );
    try {
      const { left } = await engine.remove(instance, now, signal());
      expect(left).toEqual([{ name: `network ${instance}_default`, why: expect.stringContaining(foreign) }]);
      expect(docker('ps', '-q', '--filter', `name=${foreign}`)).not.toBe('');
    } finally {
      docker('rm', '-f', foreign);
    }
    expect((await engine.remove(instance, now, signal())).left).toEqual([]);
  });

  test('kills a container after the grace period', async () => {
    const instance = id();
    await bringUp(engine, {
      id: instance,
      services: {
        app: {
          compose: { image: 'debian:bookworm-slim', command: ['sh', '-c', 'trap "" TERM; while :; do sleep 1; done'] },
        },
      },
    });
    const began = performance.now();
    await engine.remove(instance, { graceMs: 1000, data: 'remove' }, signal());
    expect(performance.now() - began).toBeGreaterThan(900);
    expect(census(instance)).toEqual([]);
  });

  test('waits for a removal that another process has started', async () => {
    const instance = id();
    await bringUp(engine, { id: instance, services: { app: {}, two: {} } });
    const [first, second] = await Promise.all([
      engine.remove(instance, now, signal()),
      engineOf().remove(instance, now, signal()),
    ]);
    expect([...first.left, ...second.left]).toEqual([]);
    expect(census(instance)).toEqual([]);
  });

  test('allows to create it again at once, ten times', async () => {
    const instance = id();
    for (let round = 0; round < 10; round++) {
      await bringUp(engine, { id: instance, services: { app: {} } });
      expect((await engine.remove(instance, now, signal())).left).toEqual([]);
    }
    expect(census(instance)).toEqual([]);
  }, 60_000);
});

describe('a failed creation', () => {
  const sketched = (instance: string, compose: Record<string, unknown>, top: Record<string, unknown> = {}) => {
    const environment = environmentOf({
      id: instance,
      services: { app: { compose: { image: 'debian:bookworm-slim', ...compose } as never } },
      compose: top as never,
    });
    return engine.create(preparedOf(environment), ['app'], contextOf());
  };

  test.each([
    [{ bogus: 1 }, 'Additional property bogus is not allowed'],
    [{ mem_limit: 'zz' }, "invalid size: 'zz'"],
    [{ networks: ['nope'] }, 'undefined network nope'],
  ])("reports %j with Compose's message, at the service", async (compose, words) => {
    const instance = id();
    const error = await failure(sketched(instance, compose));
    expect(error).toMatchObject({ code: 'COMPOSE_REFUSED', exitCode: 2, service: 'app', position: { line: 7 } });
    expect(error.message).toContain(words);
    expect(census(instance)).toEqual([]);
  });

  test('reports a container name in use by a foreign container', async () => {
    const instance = id();
    docker('create', '--name', `${instance}-app-1`, 'debian:bookworm-slim', 'true');
    try {
      const error = await failure(sketched(instance, {}));
      expect(error).toMatchObject({
        code: 'NETWORK_FAILED',
        exitCode: 8,
        message: `The container name "${instance}-app-1" is already in use by a container that is not envctl's`,
      });
      expect(docker('ps', '-aq', '--filter', `name=${instance}-app-1`)).not.toBe('');
    } finally {
      docker('rm', '-f', `${instance}-app-1`);
    }
  });

  test('reports a network name in use by a foreign network', async () => {
    const instance = id();
    docker('network', 'create', `${instance}_default`);
    try {
      expect(await failure(sketched(instance, {}))).toMatchObject({
        code: 'NETWORK_FAILED',
        message: expect.stringContaining('is not envctl'),
      });
    } finally {
      docker('network', 'rm', `${instance}_default`);
    }
  });

  test('reports a missing folder to mount', async () => {
    const error = await failure(
      sketched(id(), {
        volumes: [{ type: 'bind', source: '/nope-here', target: '/x', bind: { create_host_path: false } }],
      }),
    );
    expect(error).toMatchObject({ code: 'SERVICE_FAILED', message: expect.stringContaining('/nope-here') });
  });

  test("reports a missing command at the start, with the engine's message", async () => {
    const instance = id();
    const environment = environmentOf({
      id: instance,
      services: { app: { compose: { image: 'debian:bookworm-slim', init: false, command: ['no-such-program'] } } },
    });
    const prepared = preparedOf(environment);
    await engine.create(prepared, ['app'], contextOf());
    const error = await failure(engine.start(prepared, 'app', contextOf()));
    expect(error).toMatchObject({
      code: 'SERVICE_FAILED',
      exitCode: 4,
      service: 'app',
      message: 'Service "app": the image cannot run its command',
    });
    expect(error.detail).toContain('no-such-program');
  });
});

test('a service without image and build is refused before anything is created', async () => {
  const environment = environmentOf({ services: { app: {} } });
  const broken = {
    ...environment,
    services: environment.services.map((service) => ({ ...service, compose: { command: 'x' } })),
  };
  const error = await failure(engine.check(broken, signal()));
  expect(error).toMatchObject({ code: 'ENGINE_CANNOT_RUN', service: 'app' });
  expect(error.hint).toContain('--engine embedded');
  await engine.check(environment, signal());
});
