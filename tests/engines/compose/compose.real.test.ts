import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCompose } from '../../../src/engines/compose/compose-cli.js';
import { contextOf, engineOf, environmentOf, freshId, preparedOf } from '../../testing/compose-prepared.js';
import { cleanUp } from '../../testing/docker.js';

let folder = '';
const instance = freshId();
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'envctl-compose-test-'));
  mkdirSync(join(folder, 'cli-plugins'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  cleanUp(instance);
});

/** A program in the user's own plugin folder, which is looked into first, or on PATH. */
function program(path: string, script: string): void {
  writeFileSync(join(folder, path), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

const environment = (): Record<string, string | undefined> => ({
  ...process.env,
  DOCKER_CONFIG: folder,
  PATH: `${folder}:/usr/bin:/bin`,
});
const run = (): Promise<unknown> =>
  runCompose(['-p', 'x', 'create'], {
    env: environment(),
    signal: AbortSignal.timeout(20_000),
    timeoutMs: 10_000,
  });

function create(more: Record<string, string> = {}, signal = AbortSignal.timeout(20_000)): Promise<void> {
  const sketch = {
    id: instance,
    services: { app: { compose: { image: 'debian:bookworm-slim', environment: { P: 'a$b' } } } },
  };
  return engineOf({ env: { ...environment(), ...more } }).create(preparedOf(environmentOf(sketch)), ['app'], {
    ...contextOf(),
    signal,
  });
}

describe('runCompose', () => {
  test.each([
    "docker: 'compose' is not a docker command.",
    "unknown shorthand flag: 'p' in -p",
    'unknown command: docker compose',
  ])('reports a missing plugin if docker prints "%s"', async (words) => {
    program('cli-plugins/docker-compose', `echo "${words}" >&2; exit 1`);
    program('docker', 'exit 1');
    await expect(run()).rejects.toMatchObject({
      code: 'COMPOSE_MISSING',
      exitCode: 3,
      message: 'The Compose v2 plugin is not installed',
      hint: expect.stringContaining('docs.docker.com/compose/install'),
    });
  });

  test('refuses Compose v1, with its version', async () => {
    program('cli-plugins/docker-compose', `echo "docker: 'compose' is not a docker command." >&2; exit 1`);
    program('docker', 'exit 1');
    program('docker-compose', 'echo 1.29.2');
    await expect(run()).rejects.toMatchObject({
      code: 'COMPOSE_MISSING',
      message: 'Found docker-compose 1.29.2 only, but Compose v1 is not supported',
    });
  });

  test('returns the result of a Compose that fails', async () => {
    program('cli-plugins/docker-compose', 'echo "no such file" >&2; exit 1');
    await expect(run()).resolves.toMatchObject({ exitCode: 1, stderr: 'no such file\n' });
  });
});

describe('createServices', () => {
  test('passes the file on stdin, and no COMPOSE_ variables, .env file or profiles', async () => {
    program('cli-plugins/docker-compose', `env > ${folder}/env; echo "$*" > ${folder}/argv; cat > ${folder}/stdin`);
    await create({ COMPOSE_PROFILES: 'x', COMPOSE_FILE: '/etc/passwd', COMPOSE_PROJECT_NAME: 'y' });
    const variables = readFileSync(join(folder, 'env'), 'utf8');
    expect(variables).not.toMatch(/^COMPOSE_/m);
    expect(variables).toMatch(/^DOCKER_CONFIG=/m);
    expect(readFileSync(join(folder, 'argv'), 'utf8')).toBe(
      `--ansi never --progress quiet -p ${instance} --project-directory ${tmpdir()} --env-file /dev/null -f - ` +
        'create --no-recreate --no-build --pull never app\n',
    );
    expect(JSON.parse(readFileSync(join(folder, 'stdin'), 'utf8'))).toMatchObject({
      services: { app: { environment: { P: 'a$$b' } } },
    });
  });

  test('sends Compose one signal on abort and waits for its end', async () => {
    program(
      'cli-plugins/docker-compose',
      `trap 'echo got >> ${folder}/signals; exit 1' TERM INT; touch ${folder}/up; while :; do sleep 0.05; done`,
    );
    const stop = new AbortController();
    const creating = create({}, stop.signal);
    creating.catch(() => {});
    await expect.poll(() => existsSync(join(folder, 'up')), { timeout: 5000 }).toBe(true);
    stop.abort(new Error('enough'));
    await expect(creating).rejects.toThrow('enough');
    expect(readFileSync(join(folder, 'signals'), 'utf8')).toBe('got\n');
  });

  test.each([
    ['all predefined address pools have been fully subnetted', 'NETWORK_FAILED', 8],
    [
      'could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network',
      'NETWORK_FAILED',
      8,
    ],
    ['Error response from daemon: Bind for 127.0.0.1:80 failed: port is already allocated', 'PORT_TAKEN', 8],
    ['Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?', 'ENGINE_UNAVAILABLE', 3],
    [
      'Error response from daemon: client version 1.99 is too new. Maximum supported API version is 1.45',
      'ENGINE_UNAVAILABLE',
      3,
    ],
    ['write /x: no space left on device', 'SERVICE_FAILED', 4],
    ['something nobody has seen before', 'COMPOSE_REFUSED', 2],
  ])('reports "%s" as %s', async (words, code, exitCode) => {
    program('cli-plugins/docker-compose', `echo "${words}" >&2; exit 137`);
    await expect(create()).rejects.toMatchObject({ code, exitCode, hint: expect.stringMatching(/\S/) });
  });
});
