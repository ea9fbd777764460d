/** A remote engine, imitated by this machine's engine behind a TCP port. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect } from 'vitest';
import { docker, expectCode, exportsOf, profile, scenario } from './vocabulary.js';

const small = profile(
  'p',
  `services:
  cache: { template: redis }
  a: { image: debian:bookworm-slim, command: sleep 600, environment: { CACHE: "\${cache.url}" } }
`,
);

interface Proxy {
  readonly port: number;
  readonly connections: () => number;
  close(): void;
}

/** Forwards a loopback port to the engine's socket. */
async function proxyToEngine(): Promise<Proxy> {
  const endpoint = (await docker('context', 'inspect', '--format', '{{.Endpoints.docker.Host}}')).trim();
  const open = new Set<Socket>();
  let count = 0;
  const server: Server = createServer({ allowHalfOpen: true }, (near) => {
    count++;
    const url = new URL(endpoint);
    const far =
      url.protocol === 'unix:'
        ? connect({ path: url.pathname, allowHalfOpen: true })
        : connect({ host: url.hostname, port: Number(url.port), allowHalfOpen: true });
    for (const socket of [near, far]) open.add(socket.on('error', () => socket.destroy()));
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as { port: number };
  const close = (): void => {
    for (const socket of open) socket.destroy();
    server.close();
  };
  return { port, connections: () => count, close };
}

async function throughProxy(body: (proxy: Proxy) => Promise<void>): Promise<void> {
  const proxy = await proxyToEngine();
  try {
    await body(proxy);
  } finally {
    proxy.close();
  }
}

scenario('DOCKER_HOST=tcp://… is used for everything, also by Compose, and in connections', (stage) =>
  throughProxy(async (proxy) => {
    const project = stage.project(small);
    const env = { DOCKER_HOST: `tcp://127.0.0.1:${proxy.port}`, DOCKER_CONTEXT: undefined };
    const up = await project.envctl('up p', { env });
    expectCode(up, 0);
    expect(proxy.connections()).toBeGreaterThan(3);
    const { published } = await project.container('cache');
    const env1 = await project.envctl('env p --format json', { env });
    expect(JSON.parse(env1.stdout)).toMatchObject({
      CACHE_HOST: '127.0.0.1',
      CACHE_PORT: published['6379/tcp']?.[0]?.split(':')[1],
    });
    expect((await project.envctl('status p', { env })).stdout).toMatch(/cache +cache +running +ready/);
    expectCode(await project.envctl('down p', { env }), 0);
    expect(await project.containers()).toEqual([]);
  }),
);

scenario('DOCKER_CONTEXT and the current context of the Docker configuration select the engine', (stage) =>
  throughProxy(async (proxy) => {
    const project = stage.project(small);
    const config = project.path('docker');
    const id = createHash('sha256').update('far').digest('hex');
    mkdirSync(join(config, 'contexts', 'meta', id), { recursive: true });
    writeFileSync(
      join(config, 'contexts', 'meta', id, 'meta.json'),
      JSON.stringify({
        Name: 'far',
        Metadata: {},
        Endpoints: { docker: { Host: `tcp://127.0.0.1:${proxy.port}`, SkipTLSVerify: false } },
      }),
    );
    writeFileSync(join(config, 'config.json'), '{}');
    const env = { DOCKER_CONFIG: config, DOCKER_HOST: undefined };
    expectCode(await project.envctl('up p', { env: { ...env, DOCKER_CONTEXT: 'far' } }), 0);
    const used = proxy.connections();
    expect(used).toBeGreaterThan(3);

    writeFileSync(join(config, 'config.json'), JSON.stringify({ currentContext: 'far' }));
    expectCode(await project.envctl('up p', { env }), 0);
    expect(proxy.connections()).toBeGreaterThan(used);
    expect(await exportsOf(project, 'p')).toHaveProperty('CACHE_URL');
    expectCode(await project.envctl('down p', { env }), 0);
  }),
);

scenario('up reports an engine that stops answering, and the next up and down recover', (stage) =>
  throughProxy(async (proxy) => {
    const project = stage.project(
      profile(
        'p',
        `services:
  a: { image: debian:bookworm-slim, command: sh -c "sleep 3; echo up; sleep 600", ready: { log: up } }
`,
      ),
    );
    const up = project.start('up p --progress plain', {
      env: { DOCKER_HOST: `tcp://127.0.0.1:${proxy.port}`, DOCKER_CONTEXT: undefined },
    });
    await up.untilPrinted(/waiting for log/);
    proxy.close();
    const ended = await up.ended;
    expectCode(ended, 3);
    expect(ended.stderr).toMatch(new RegExp(`tcp://127\\.0\\.0\\.1:${proxy.port} \\(from DOCKER_HOST\\)`));
    expectCode(await project.envctl('up p'), 0);
    expectCode(await project.envctl('down p'), 0);
  }),
);
