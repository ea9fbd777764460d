import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bringUp, contextOf, engineOf, environmentOf, freshId, preparedOf } from '../../testing/compose-prepared.js';
import { census, cleanUp, docker, redis } from '../../testing/docker.js';

const instance = freshId();
const servers: Server[] = [];
let folder = '';
const { TMPDIR: temporary } = process.env;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'envctl-remote-'));
  process.env.TMPDIR = folder; // the tunnel's socket goes there
});
afterEach(() => {
  if (temporary === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = temporary;
  cleanUp(instance);
  for (const server of servers.splice(0)) server.close();
  rmSync(folder, { recursive: true });
});

/** The engine's socket, offered on loopback TCP as a second engine would be. */
async function overTcp(): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const engine = connect({ path: '/var/run/docker.sock', allowHalfOpen: true });
    socket.on('error', () => engine.destroy());
    engine.on('error', () => socket.destroy());
    socket.pipe(engine).pipe(socket);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** Creates, uses and removes an instance. */
async function runThrough(env: Readonly<Record<string, string | undefined>>): Promise<void> {
  const engine = engineOf({ env });
  const signal = AbortSignal.timeout(60_000);
  await bringUp(engine, {
    id: instance,
    services: {
      cache: { compose: { image: redis, command: ['redis-server', '--protected-mode', 'no'] }, ports: { main: 6379 } },
    },
  });
  const [seen] = await engine.observe(instance, signal);
  expect(seen).toMatchObject({ state: 'running', outside: { main: { host: '127.0.0.1' } } });
  const target = { instance, service: 'cache', replica: 1 };
  expect(await engine.exec(target, ['sh', '-c', 'cat; exit 3'], { signal, stdin: 'hello' })).toEqual({
    exitCode: 3,
    stdout: 'hello',
    stderr: '',
  });
  await expect
    .poll(
      async () => {
        const lines: string[] = [];
        for await (const { text } of engine.logs(target, { signal })) lines.push(text);
        return lines.join('\n');
      },
      { timeout: 5000 },
    )
    .toContain('Ready to accept connections');
  expect((await engine.remove(instance, { graceMs: 0, data: 'remove' }, signal)).left).toEqual([]);
  expect(census(instance)).toEqual([]);
}

describe('a remote engine', () => {
  test('over TCP works like a local one', async () => {
    await runThrough({ ...process.env, DOCKER_HOST: `tcp://127.0.0.1:${await overTcp()}` });
  });

  test('in a context works like a local one, for envctl and for Compose', async () => {
    const { createHash } = await import('node:crypto');
    const { mkdirSync } = await import('node:fs');
    const meta = join(folder, 'contexts/meta', createHash('sha256').update('lab').digest('hex'));
    mkdirSync(meta, { recursive: true });
    writeFileSync(
      join(meta, 'meta.json'),
      JSON.stringify({
        Name: 'lab',
        Metadata: {},
        Endpoints: { docker: { Host: `tcp://127.0.0.1:${await overTcp()}`, SkipTLSVerify: false } },
      }),
    );
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ currentContext: 'lab' }));
    const { DOCKER_HOST: _, DOCKER_CONTEXT: __, ...rest } = process.env;
    await runThrough({ ...rest, DOCKER_CONFIG: folder });
  });

  test('behind ssh is reached through the docker command', async () => {
    // Imitates ssh: ignores host and options, and runs the command on this machine.
    writeFileSync(
      join(folder, 'ssh'),
      '#!/bin/sh\nwhile [ "$1" != docker ] && [ $# -gt 0 ]; do shift; done\nunset DOCKER_HOST\nexec "$@"\n',
      { mode: 0o755 },
    );
    await runThrough({ ...process.env, PATH: `${folder}:${process.env.PATH}`, DOCKER_HOST: 'ssh://user@127.0.0.1' });
  });

  test("is not affected by this process's own DOCKER_HOST", async () => {
    const before = process.env.DOCKER_HOST;
    const { DOCKER_HOST: _, ...env } = process.env;
    process.env.DOCKER_HOST = 'tcp://127.0.0.1:1';
    try {
      await runThrough(env);
    } finally {
      if (before === undefined) delete process.env.DOCKER_HOST;
      else process.env.DOCKER_HOST = before;
    }
  });

  test('publishes ports on the address that it is reached at, with one notice', async () => {
    const address = docker('network', 'inspect', 'bridge', '--format', '{{(index .IPAM.Config 0).Gateway}}');
    const engine = engineOf({ env: { ...process.env, ENVCTL_HOST: address } });
    const sketch = { id: instance, services: { cache: { compose: { image: redis }, ports: { main: 6379 } } } };
    const prepared = preparedOf(environmentOf(sketch));
    const context = contextOf();
    await engine.create(prepared, ['cache'], context);
    const [seen] = await engine.start(prepared, 'cache', context);
    expect(seen?.outside.main?.host).toBe(address);
    expect(docker('port', `${instance}-cache-1`, '6379')).toBe(`${address}:${seen?.outside.main?.port}`);
    await engine.create(prepared, ['cache'], context);
    const notices = context.events.filter(({ type }) => type === 'notice');
    expect(notices).toEqual([
      { type: 'notice', text: expect.stringContaining(`ports are published on ${address}, not on loopback`) },
    ]);
  });

  test('whose host cannot be resolved is reported with a remedy', async () => {
    const engine = engineOf({ env: { ...process.env, DOCKER_HOST: 'ssh://no-such-host.invalid' } });
    await expect(
      engine.prepare(
        environmentOf({ services: { app: {} } }),
        { observed: [], reserve: [], images: 'local', pull: false },
        contextOf(),
      ),
    ).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE', hint: expect.stringContaining('ENVCTL_HOST') });
  });
});
