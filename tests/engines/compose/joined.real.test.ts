import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findPlugin } from '../../../src/engines/docker/cli-plugin.js';
import { freshId } from '../../testing/compose-prepared.js';
import { census, cleanUp, docker, node, redis } from '../../testing/docker.js';

/** A CI job in a container that was given the engine's socket: our code runs inside, bundled, with node and the Compose plugin of this host. */
const root = join(import.meta.dirname, '../../..');
const instance = freshId();
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'envctl-joined-'));
  const entryPoints = [join(root, 'src/engines/compose/engine.ts')];
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

const script = `
import { connect } from 'node:net';
import { composeEngine } from './engine.js';
const [instance, image] = process.argv.slice(2);
const service = { name: 'cache', compose: { image, command: ['redis-server', '--protected-mode', 'no'] }, ports: { main: { inside: 6379, fixed: null } }, scale: 1, position: { file: '', line: 1, column: 1 } };
const environment = { id: instance, profile: 'test', project: '/tmp', services: [service], compose: {} };
const engine = composeEngine({ env: process.env, substitution: async () => (name) => name });
const signal = AbortSignal.timeout(60000);
const notices = [];
const context = { signal, emit: (event) => notices.push(event.text) };
const preparation = await engine.prepare(environment, { observed: [], reserve: [{ service: 'cache', port: 'main' }], images: 'make', pull: false }, context);
const record = { kind: 'cache', storage: 'disk', data: [], ports: service.ports, connection: {} };
const workload = { service: 'cache', kind: 'container', fingerprint: 'f', replicas: 1, compose: service.compose, image: preparation.images.cache, ports: service.ports, publish: { main: preparation.outside.cache.main.port }, stores: [], record };
const prepared = { environment, preparation, workloads: [workload], compose: {} };
await engine.create(prepared, ['cache'], context);
const [seen] = await engine.start(prepared, 'cache', context);
const reach = (address) => new Promise((resolve) => connect(address.port, address.host, () => resolve('reached')).on('error', (error) => resolve(error.message)));
const answers = [];
for (const address of [preparation.outside.cache.main, seen.outside.main]) {
  let answer = '';
  for (let count = 0; count < 50 && answer !== 'reached'; count++) {
    answer = await reach(address);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  answers.push(answer);
}
const published = seen.outside.main.port;
const removed = await engine.remove(instance, { graceMs: 0, data: 'remove' }, signal);
console.log(JSON.stringify({ planned: preparation.outside.cache.main, answers, published, notices: notices.filter(Boolean), left: removed.left }));
process.exit(0);
`;

test('in a container of the same engine, outside is inside', async () => {
  writeFileSync(join(folder, 'script.js'), script);
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
    'script.js',
    instance,
    redis,
  );
  const told = JSON.parse(output.split('\n').at(-1) ?? '{}') as Record<string, unknown>;
  expect(told).toEqual({
    planned: { host: 'cache', port: 6379 },
    answers: ['reached', 'reached'],
    published: 6379,
    notices: [expect.stringContaining('in a container of the same engine')],
    left: [],
  });
  expect(census(instance)).toEqual([]);
}, 90_000);
