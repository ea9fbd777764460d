import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { EnvctlError } from '../../../src/model/errors.js';
import type { Preparation } from '../../../src/model/workload.js';
import {
  base,
  bringUp,
  contextOf,
  type EnvironmentSketch,
  engineOf,
  environmentOf,
  freshId,
  preparedOf,
} from '../../testing/compose-prepared.js';
import { census, cleanUp, docker, redis } from '../../testing/docker.js';

const engine = engineOf();
const ids: string[] = [];
const servers: Server[] = [];
const names: string[] = [];
const id = (): string => {
  ids.push(freshId());
  return ids.at(-1) ?? '';
};
afterEach(() => {
  for (const each of ids.splice(0)) cleanUp(each);
  for (const server of servers.splice(0)) server.close();
  for (const name of names.splice(0)) docker('rm', '-f', name);
});

async function listen(port = 0): Promise<number> {
  const server = createServer();
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return (server.address() as { port: number }).port;
}

/** Prepares with every `main` port reserved that is not fixed. */
async function prepare(sketch: EnvironmentSketch): Promise<Preparation> {
  const environment = environmentOf(sketch);
  const observed = await engine.observe(environment.id, AbortSignal.timeout(5000));
  const reserve = environment.services
    .filter(({ ports }) => ports.main?.fixed === null)
    .map(({ name }) => ({ service: name, port: 'main' }));
  return engine.prepare(environment, { observed, reserve, images: 'make', pull: false }, contextOf());
}

describe('inside addresses', () => {
  test('are the name of the service, or of the one whose network it shares', async () => {
    const { inside } = await prepare({
      services: {
        db: { ports: { main: 5432, admin: 9000 } },
        guest: { compose: { image: base, network_mode: 'service:db' }, ports: { main: 1 } },
        host: { compose: { image: base, network_mode: 'host' }, ports: { main: 2 } },
        alone: { compose: { image: base, network_mode: 'none' }, ports: { main: 3 } },
      },
    });
    expect(inside).toEqual({
      db: { main: { host: 'db', port: 5432 }, admin: { host: 'db', port: 9000 } },
      guest: { main: { host: 'db', port: 1 } },
      host: { main: { host: 'host.docker.internal', port: 2 } },
      alone: {},
    });
  });
});

describe('reserved ports', () => {
  test('are free, different, and the same again for the same instance', async () => {
    const sketch = { id: id(), services: { a: { ports: { main: 80 } }, b: { ports: { main: 80 } } } };
    const { outside } = await prepare(sketch);
    const [a, b] = [outside.a?.main, outside.b?.main];
    expect(a?.host).toBe('127.0.0.1');
    expect(a?.port).not.toBe(b?.port);
    expect((await prepare(sketch)).outside).toEqual(outside);
  });

  test('skip a port that is in use', async () => {
    const sketch = { id: id(), services: { a: { ports: { main: 80 } } } };
    const first = (await prepare(sketch)).outside.a?.main?.port ?? 0;
    await listen(first);
    expect((await prepare(sketch)).outside.a?.main?.port).not.toBe(first);
  });

  test('stay the same while a container of the instance holds them', async () => {
    const instance = id();
    const first =
      (await prepare({ id: instance, services: { a: { ports: { main: 80 } } } })).outside.a?.main?.port ?? 0;
    const sketch = { id: instance, services: { a: { ports: { main: { inside: 80, fixed: first } } } } };
    await bringUp(engine, sketch);
    const observed = await engine.observe(instance, AbortSignal.timeout(5000));
    const held = observed.map((seen) => ({
      ...seen,
      record: seen.record && { ...seen.record, reserved: { main: first } },
    }));
    const { outside } = await engine.prepare(
      environmentOf({ id: instance, services: { a: { ports: { main: 80 } } } }),
      { observed: held, reserve: [{ service: 'a', port: 'main' }], images: 'make', pull: false },
      contextOf(),
    );
    expect(outside.a?.main?.port).toBe(first);
  });
});

describe('a fixed port', () => {
  const sketch = (instance: string, port: number): EnvironmentSketch => ({
    id: instance,
    services: { app: { compose: { image: redis }, ports: { main: { inside: 6379, fixed: port } } } },
  });

  async function refusal(instance: string, port: number): Promise<EnvctlError> {
    const error: unknown = await prepare(sketch(instance, port)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(EnvctlError);
    expect(census(instance)).toEqual([]);
    return error as EnvctlError;
  }

  test('is the outside address of the service', async () => {
    const instance = id();
    const port = await listen();
    for (const server of servers.splice(0)) server.close();
    await bringUp(engine, sketch(instance, port));
    const [seen] = await engine.observe(instance, AbortSignal.timeout(5000));
    expect(seen?.outside.main).toEqual({ host: '127.0.0.1', port });
    expect((await prepare(sketch(instance, port))).outside.app?.main).toEqual({ host: '127.0.0.1', port });
  });

  test('in use by a process is refused, with the process', async () => {
    const port = await listen();
    const error = await refusal(id(), port);
    expect(error).toMatchObject({
      code: 'PORT_TAKEN',
      exitCode: 8,
      service: 'app',
      message: expect.stringContaining(`Port ${port} of service "app" is already in use by process ${process.pid} (`),
    });
    expect(error.hint).toContain('port: 6379');
  });

  test('in use by a container is refused, with the container', async () => {
    const name = `holder-${freshId()}`;
    names.push(name);
    docker('run', '-d', '--init', '--name', name, '-p', '127.0.0.1::80', base, 'sleep', '60');
    const port = Number(docker('port', name, '80').split(':').at(-1));
    expect((await refusal(id(), port)).message).toContain(`container "${name}"`);
  });

  test('that is taken after the check fails at the start', async () => {
    const instance = id();
    const port = await listen();
    for (const server of servers.splice(0)) server.close();
    const preparing = prepare(sketch(instance, port));
    await preparing;
    await listen(port);
    const prepared = preparedOf(environmentOf(sketch(instance, port)));
    await engine.create(prepared, ['app'], contextOf());
    await expect(engine.start(prepared, 'app', contextOf())).rejects.toMatchObject({ code: 'PORT_TAKEN', exitCode: 8 });
  });
});
