import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findPlugin } from '../../../src/engines/docker/cli-plugin.js';
import { freshId } from '../../testing/compose-prepared.js';
import { census, cleanUp, docker, node, redis } from '../../testing/docker.js';

/** Imitates a CI job in a container with the engine's socket, with Node and the Compose plugin of this machine. */
const root = join(import.meta.dirname, '../../..');
const instance = freshId();
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'envctl-joined-'));
  const entryPoints = [join(import.meta.dirname, 'joined-program.ts')];
  buildSync({
    entryPoints,
    outdir: folder,
    bundle: true,
    splitting: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
  });
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
});
afterAll(() => {
  cleanUp(instance);
  rmSync(folder, { recursive: true, force: true });
});

test('in a container of the same engine, services are reached at their inside addresses', async () => {
  const [plugin = ''] = await findPlugin('compose', process.env);
  const mounts = [
    `${folder}:/app:ro`,
    `${join(root, 'node_modules')}:/node_modules:ro`,
    '/var/run/docker.sock:/var/run/docker.sock',
    `${realpathSync(plugin)}:/usr/local/lib/docker/cli-plugins/docker-compose:ro`,
  ];
  const output = docker(
    'run',
    '--rm',
    '--init',
    ...mounts.flatMap((mount) => ['-v', mount]),
    '-w',
    '/app',
    node(),
    'node',
    'joined-program.js',
    instance,
    redis,
  );
  expect(JSON.parse(output.split('\n').at(-1) ?? '{}')).toEqual({
    planned: { host: 'cache', port: 6379 },
    current: { host: expect.stringMatching(/^(172|192|10)\./), port: 6379 },
    results: { planned: 'connected', current: 'connected' },
    notices: [expect.stringContaining('in a container of the same engine')],
    left: [],
  });
  expect(census(instance)).toEqual([]);
}, 90_000);
