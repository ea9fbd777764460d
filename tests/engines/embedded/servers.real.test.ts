import { EventEmitter } from 'node:events';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { EmbeddedContext } from '../../../src/engines/embedded/context.js';
import { mariadb } from '../../../src/engines/embedded/servers/mariadb.js';
import { satisfies } from '../../../src/engines/embedded/servers/programs.js';
import { rabbitmq } from '../../../src/engines/embedded/servers/rabbitmq.js';
import { redis } from '../../../src/engines/embedded/servers/redis.js';
import type { ServerReplica } from '../../../src/engines/embedded/servers/server.js';
import {
  environment,
  newEngine,
  observed,
  options,
  own,
  project,
  signal,
  until,
  up,
} from '../../testing/embedded-environment.js';

const context: EmbeddedContext = { ...options, exits: new EventEmitter(), foundServers: new Map() };

function replicaOf(name: string, parameters: Readonly<Record<string, string>>): ServerReplica {
  const [store, scratch] = ['store', 'scratch'].map((folder) => join(project, name, folder)) as [string, string];
  for (const folder of [store, scratch]) mkdirSync(folder, { recursive: true });
  return {
    store,
    scratch,
    ports: { main: 20123, management: 20124, epmd: 20125, distribution: 20126 },
    request: { service: name, parameters, project, env: {} },
  };
}

describe('the password', () => {
  const secret = 'pa"ss\'w\\ord';
  test.each([
    [
      'redis',
      () => redis.launch(context, { program: 'redis-server', version: null }, replicaOf('redis', { password: secret })),
      'redis.conf',
      'requirepass "pa\\"ss\'w\\\\ord"',
    ],
    [
      'mariadb',
      () =>
        mariadb.launch(
          context,
          { program: 'mariadbd', installer: '', version: '11' },
          replicaOf('mariadb', { user: 'app', database: 'shop', password: secret }),
        ),
      'init.sql',
      "IDENTIFIED BY 'pa\"ss''w\\\\ord'",
    ],
    [
      'rabbitmq',
      () =>
        rabbitmq.launch(
          context,
          { program: 'rabbitmq-server' },
          replicaOf('rabbitmq', { user: 'app', password: secret, vhost: 'v' }),
        ),
      'rabbitmq.conf',
      `default_pass = ${secret}`,
    ],
  ])(
    'of %s is in a file that only its owner can read, not in arguments or variables',
    async (name, launch, file, line) => {
      const { argv, env: variables } = await launch();
      const path = join(project, name, 'scratch', file);

      expect(readFileSync(path, 'utf8')).toContain(line);
      expect(statSync(path).mode & 0o077).toBe(0);
      expect(JSON.stringify([argv, variables])).not.toContain('ord');
    },
  );
});

test.each([
  ['7.0.15', '7', true],
  ['7.0.15', '7.0', true],
  ['7.0.15', '7.2', false],
  ['7.0.15', '7-alpine', true],
  ['17.10', '17.1', false],
  ['17.10', 'latest', true],
  ['10.11.19', '11.4', false],
])('version %s satisfies %s: %s', (found, asked, verdict) => {
  expect(satisfies(found, asked)).toBe(verdict);
});

/** Servers that may be installed on this machine; PostgreSQL and the mock server have their own tests. */
const candidates = {
  'redis-server': {},
  mariadbd: { user: 'app', database: 'shop', password: 'x' },
  'rabbitmq-server': { user: 'app', password: 'x', vhost: '/' },
  'nats-server': {},
  mosquitto: {},
  memcached: {},
};
const found = (
  await Promise.all(
    Object.entries(candidates).map(async ([run, parameters]) => {
      const wanted = environment(`real-${run}`, {
        server: { run, ports: { main: null }, parameters, data: ['/data'] },
      });
      return newEngine()
        .check(wanted, signal)
        .then(
          () => [{ run, wanted }],
          () => [],
        );
    }),
  )
).flat();

for (const { run, wanted } of found)
  test(`${run}, installed on this machine, starts and is removed without leftovers`, async () => {
    const engine = newEngine();
    await up(engine, wanted);
    const port = (await observed(engine, wanted.id, 'server'))?.outside.main?.port ?? 0;
    await until(() => staysOpen(port), Boolean, 60_000);

    expect(await engine.remove(wanted.id, { graceMs: 10_000, data: 'remove' }, signal)).toEqual({
      data: ['server'],
      left: [],
    });
    expect(own(wanted.id)).toEqual([]);
    expect(await staysOpen(port)).toBe(false);
  });

const staysOpen = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
      .once('error', () => resolve(false))
      .once('end', () => resolve(false));
    socket.once('connect', () => setTimeout(() => resolve(true) === undefined && socket.destroy(), 50));
  });
