import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { composeEngine } from '../../../src/engines/compose/engine.js';
import { findEndpoint } from '../../../src/engines/docker/api/endpoint.js';
import { dockerAnswers } from '../../../src/engines/docker/api/ping.js';
import { EnvctlError } from '../../../src/model/errors.js';

let home = '';
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'envctl-endpoint-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

async function context(name: string, host: string, files: Readonly<Record<string, string>> = {}): Promise<void> {
  const id = createHash('sha256').update(name).digest('hex');
  await mkdir(join(home, '.docker/contexts/meta', id), { recursive: true });
  await writeFile(
    join(home, '.docker/contexts/meta', id, 'meta.json'),
    JSON.stringify({ Name: name, Endpoints: { docker: { Host: host, SkipTLSVerify: false } } }),
  );
  for (const [file, text] of Object.entries(files)) {
    await mkdir(join(home, '.docker/contexts/tls', id, 'docker'), { recursive: true });
    await writeFile(join(home, '.docker/contexts/tls', id, 'docker', file), text);
  }
}

async function currentContext(name: string): Promise<void> {
  await mkdir(join(home, '.docker'), { recursive: true });
  await writeFile(join(home, '.docker/config.json'), JSON.stringify({ currentContext: name }));
}

async function failure(work: Promise<unknown>): Promise<EnvctlError> {
  const error: unknown = await work.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(EnvctlError);
  return error as EnvctlError;
}

describe('findEndpoint', () => {
  test('returns the default socket if nothing is set', async () => {
    expect(await findEndpoint({ HOME: home })).toMatchObject({
      kind: 'socket',
      socketPath: '/var/run/docker.sock',
      origin: 'the default socket',
    });
  });

  test('returns the current context of the docker configuration', async () => {
    await context('lab', 'unix:///run/lab.sock');
    await currentContext('lab');
    expect(await findEndpoint({ HOME: home })).toMatchObject({
      kind: 'socket',
      socketPath: '/run/lab.sock',
      origin: expect.stringContaining('context "lab"'),
    });
  });

  test('prefers DOCKER_CONTEXT to the current context', async () => {
    await context('lab', 'unix:///run/lab.sock');
    await context('far', 'tcp://far.example:2375');
    await currentContext('lab');
    expect(await findEndpoint({ HOME: home, DOCKER_CONTEXT: 'far' })).toMatchObject({
      kind: 'tcp',
      host: 'far.example',
      port: 2375,
      tls: null,
      origin: 'DOCKER_CONTEXT=far',
    });
  });

  test('prefers DOCKER_HOST to any context', async () => {
    await context('far', 'tcp://far.example:2375');
    expect(await findEndpoint({ HOME: home, DOCKER_CONTEXT: 'far', DOCKER_HOST: '127.0.0.1:4444' })).toMatchObject({
      kind: 'tcp',
      host: '127.0.0.1',
      port: 4444,
      origin: 'DOCKER_HOST',
    });
  });

  test('returns the default socket for a context named default', async () => {
    await currentContext('default');
    expect(await findEndpoint({ HOME: home })).toMatchObject({ origin: 'the default socket' });
  });

  test('reads the certificates in DOCKER_CERT_PATH and uses the TLS port', async () => {
    for (const file of ['ca.pem', 'cert.pem', 'key.pem']) await writeFile(join(home, file), file);
    const endpoint = await findEndpoint({
      HOME: home,
      DOCKER_HOST: 'tcp://h',
      DOCKER_TLS_VERIFY: '1',
      DOCKER_CERT_PATH: home,
    });
    expect(endpoint).toMatchObject({
      port: 2376,
      tls: { verify: true, ca: Buffer.from('ca.pem'), key: Buffer.from('key.pem') },
    });
  });

  test('reads the certificates of a context', async () => {
    await context('tls', 'tcp://h:2376', { 'ca.pem': 'A', 'cert.pem': 'C', 'key.pem': 'K' });
    expect(await findEndpoint({ HOME: home, DOCKER_CONTEXT: 'tls' })).toMatchObject({
      tls: { verify: true, ca: Buffer.from('A') },
    });
  });

  test('returns the host of an ssh address', async () => {
    expect(await findEndpoint({ HOME: home, DOCKER_HOST: 'ssh://me@far:22' })).toMatchObject({
      kind: 'ssh',
      host: 'far',
    });
  });

  test.each([
    [{ DOCKER_CONTEXT: 'nope' }, 'Docker context "nope" (from DOCKER_CONTEXT=nope) does not exist'],
    [{ DOCKER_HOST: 'gopher://x' }, '"gopher://" is not supported'],
    [{ DOCKER_HOST: 'tcp://h', DOCKER_TLS_VERIFY: '1' }, 'ca.pem cannot be read'],
  ])('refuses %j', async (environment, words) => {
    const error = await failure(findEndpoint({ HOME: home, ...environment }));
    expect(error).toMatchObject({ code: 'ENGINE_UNAVAILABLE', exitCode: 3 });
    expect(error.message).toContain(words);
  });
});

describe('an unreachable engine', () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  function ping(environment: Readonly<Record<string, string>>): Promise<EnvctlError> {
    const engine = composeEngine({
      env: { HOME: home, PATH: process.env.PATH, ...environment },
      substitution: async () => (image) => image,
    });
    return failure(engine.ping(AbortSignal.timeout(20_000)));
  }

  test('is reported with its endpoint and the setting that it comes from', async () => {
    const error = await ping({ DOCKER_HOST: 'unix:///nope.sock' });
    expect(error).toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      message: 'The Docker Engine at unix:///nope.sock (from DOCKER_HOST) does not exist: no such socket',
    });
    expect(error.hint).toContain('DOCKER_HOST');
  });

  test('is reported if it refuses connections', async () => {
    expect((await ping({ DOCKER_HOST: 'tcp://127.0.0.1:1' })).message).toContain('refuses connections');
  });

  test('is reported after a deadline if it accepts connections but does not answer', async () => {
    const server = createServer(() => {});
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(join(home, 'mute.sock'), resolve));
    expect((await ping({ DOCKER_HOST: `unix://${home}/mute.sock` })).message).toContain('does not answer');
    expect(await dockerAnswers({ HOME: home, DOCKER_HOST: `unix://${home}/mute.sock` }, 300)).toBeNull();
  }, 15_000);

  test('is reported with both versions if it does not support the API version', async () => {
    const error = await ping({ DOCKER_API_VERSION: '1.12' });
    expect(error.message).toMatch(/client version 1\.12 is too old.*1\.24/);
    expect(error.hint).toContain('DOCKER_API_VERSION');
  });

  test('is reported by every call, not only by ping', async () => {
    const engine = composeEngine({
      env: { HOME: home, DOCKER_HOST: 'unix:///nope.sock' },
      substitution: async () => (image) => image,
    });
    expect(await failure(engine.observe('x', AbortSignal.timeout(5000)))).toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
    expect(await failure(engine.remove('x', { graceMs: 0, data: 'remove' }, AbortSignal.timeout(5000)))).toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
    });
  });
});

test('ping returns the version and the endpoint of the engine', async () => {
  const engine = composeEngine({ env: process.env, substitution: async () => (image) => image });
  const { version, endpoint } = await engine.ping(AbortSignal.timeout(5000));
  expect(version).toMatch(/^\d+\.\d+/);
  expect(endpoint).toMatch(/^(unix|tcp):/);
  expect(await dockerAnswers(process.env, 1000)).toBe(version);
});
