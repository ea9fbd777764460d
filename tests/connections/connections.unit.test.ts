import { describe, expect, test } from 'vitest';
import { connectionsOf, exportsOf } from '../../src/connections/connections.js';
import type { Observed } from '../../src/model/observed.js';
import { prepare, running } from '../testing/preparing.js';

/** Connections and exports of a running profile, with ports counted from 4000. */
function outputsOf(text: string, changes: Parameters<typeof running>[1] = {}, host = '127.0.0.1') {
  let port = 4000;
  const prepared = prepare(text);
  const observed = running(prepared, changes).map((seen): Observed => {
    const ports = Object.keys(seen.record?.ports ?? {});
    return seen.state === 'running'
      ? { ...seen, outside: Object.fromEntries(ports.map((name) => [name, { host, port: port++ }])) }
      : seen;
  });
  const connections = connectionsOf(observed, () => 'p@ss');
  return { connections, exports: exportsOf(connections, observed) };
}

describe('exports', () => {
  test('exports the properties of every reachable service under its name in upper case', () => {
    expect(outputsOf('services: { my-db: { template: postgres }, job: { image: x, once: true } }').exports).toEqual({
      MY_DB_URL: 'postgresql://app:p%40ss@127.0.0.1:4000/app',
      MY_DB_HOST: '127.0.0.1',
      MY_DB_PORT: '4000',
      MY_DB_USER: 'app',
      MY_DB_PASSWORD: 'p@ss',
      MY_DB_DATABASE: 'app',
    });
  });
  test('exports further ports with their names', () => {
    expect(outputsOf('services: { app: { image: x, ports: { main: 80, admin: 81 } } }').exports).toMatchObject({
      APP_URL: 'http://127.0.0.1:4000',
      APP_ADMIN_URL: 'http://127.0.0.1:4001',
    });
  });
  test('uses the exports of the service that was created last if the records differ', () => {
    const observed = running(prepare('services: { a: { image: x }, b: { image: x }, c: { image: x } }'));
    const remembering = observed.map((seen, n): Observed => {
      const record = seen.record && { ...seen.record, exports: { WHO: seen.service } };
      return { ...seen, record, createdAt: [5, 9, 7][n] ?? 0 };
    });
    expect(exportsOf([], remembering)).toEqual({ WHO: 'b' });
  });
  test('prefers exports of the profile, with outside addresses', () => {
    const { exports } = outputsOf(
      'services: { db: { template: postgres } }\n' +
        'exports: { DB_URL: "jdbc:${db.url}?a=$$b", INSIDE: "${db.inside.host}", NAME: "${db.database}" }',
    );
    expect(exports).toMatchObject({
      DB_URL: 'jdbc:postgresql://app:p%40ss@127.0.0.1:4000/app?a=$b',
      INSIDE: 'db',
      NAME: 'app',
    });
  });
  test('omits exports that need a service that does not run', () => {
    const { exports } = outputsOf(
      'services: { a: { image: x, port: 80 }, b: { image: x, port: 80 } }\n' +
        'exports: { BOTH: "${a.url} ${b.url}", ONE: "${a.url}" }',
      {
        b: { state: 'exited', exitCode: 1 },
      },
    );
    expect(exports).toEqual({
      A_URL: 'http://127.0.0.1:4000',
      A_HOST: '127.0.0.1',
      A_PORT: '4000',
      ONE: 'http://127.0.0.1:4000',
    });
  });
  test('exports all replicas for urls, else the first one', () => {
    const { exports } = outputsOf('services: { a: { image: x, port: 80, scale: 2 } }\nexports: { ALL: "${a.urls}" }');
    expect(exports).toMatchObject({
      A_URL: 'http://127.0.0.1:4000',
      ALL: 'http://127.0.0.1:4000,http://127.0.0.1:4001',
    });
  });
});

describe('a connection', () => {
  test('has an inside and an outside view', () => {
    const { connections } = outputsOf('services: { q: { template: rabbitmq } }');
    expect(connections).toMatchObject([
      {
        service: 'q',
        kind: 'queue',
        inside: { url: 'amqp://app:p%40ss@q:5672/%2F', ports: { management: { url: 'http://app:p%40ss@q:15672' } } },
        outside: { url: 'amqp://app:p%40ss@127.0.0.1:4000/%2F', port: 4000 },
      },
    ]);
  });
  test('puts an IPv6 address in brackets in URLs only', () => {
    const { exports, connections } = outputsOf('services: { db: { template: postgres } }', {}, '::1');
    expect(exports).toMatchObject({ DB_URL: 'postgresql://app:p%40ss@[::1]:4000/app', DB_HOST: '::1' });
    expect(connections[0]?.outside?.env.PGHOST).toBe('::1');
  });
  test('omits the connection of a service without a record, which another version created', () => {
    expect(outputsOf('services: { a: { image: x, port: 80 } }', { a: { record: null } }).connections).toEqual([]);
  });
});
