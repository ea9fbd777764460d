import { describe, expect, test } from 'vitest';
import { composeLayer, refusal, resolveText, serviceOf } from '../testing/resolving.js';

const gate = (service: string) => serviceOf(resolveText(`services: { a: ${service} }`), 'a').gate;
const probes = (service: string) => gate(service)?.probes;

describe('the gate of a service', () => {
  test.each([
    [
      '{ image: x, port: 80, ready: { http: /health } }',
      [{ kind: 'protocol', protocol: 'http', port: 'main', options: { path: '/health' } }],
    ],
    [
      '{ image: x, port: 80, ready: { http: /, status: 204, json: { ok: true } } }',
      [{ kind: 'protocol', protocol: 'http', port: 'main', options: { path: '/', status: 204, json: { ok: true } } }],
    ],
    [
      '{ image: x, ports: { main: 80, admin: 81 }, ready: [{ http: /, port: admin }, { log: up, times: 2 }] }',
      [
        { kind: 'protocol', protocol: 'http', port: 'admin', options: { path: '/' } },
        { kind: 'log', pattern: 'up', times: 2 },
      ],
    ],
    ['{ image: x, ready: { exec: "test -e \'/a b\'" } }', [{ kind: 'exec', argv: ['test', '-e', '/a b'] }]],
    ['{ image: x, ready: { command: [true] } }', [{ kind: 'command', argv: ['true'] }]],
    ['{ image: x, ready: healthy }', [{ kind: 'healthy' }]],
    [
      '{ image: x, port: 1, ready: "tcp:localhost:1" }',
      [{ kind: 'protocol', protocol: 'wait-on', port: 'main', options: { resource: 'tcp:localhost:1' } }],
    ],
    ['{ template: postgres }', [{ kind: 'protocol', protocol: 'postgres', port: 'main', options: {} }]],
    [
      '{ template: postgres, ready: { postgres: { query: select 1 } } }',
      [{ kind: 'protocol', protocol: 'postgres', port: 'main', options: { query: 'select 1' } }],
    ],
    ['{ image: x, once: true }', [{ kind: 'exited' }]],
    [
      '{ image: x, healthcheck: { test: [CMD, a, b], timeout: 2s } }',
      [{ kind: 'healthcheck', test: ['CMD', 'a', 'b'], timeoutMs: 2000 }],
    ],
  ])('reads the gate of %s', (service, expected) => {
    expect(probes(service)).toEqual(expected);
  });
  test('reads timeout, interval and stable of a gate', () => {
    expect(gate('{ image: x, ready: { log: y, timeout: 1m30s, interval: 500ms, stable: 2s } }')).toMatchObject({
      timeoutMs: 90_000,
      intervalMs: 500,
      stableMs: 2000,
    });
    expect(gate('{ image: x, timeout: 5, once: true }')?.timeoutMs).toBe(5000);
  });
  test('extends the default timeout to the budget of the healthcheck', () => {
    expect(
      gate('{ image: x, healthcheck: { test: [CMD, a], interval: 60s, retries: 10, timeout: 5s, start_period: 10s } }')
        ?.timeoutMs,
    ).toBe(615_000);
  });
  test('leaves an undeclared gate to the image', () => {
    expect(gate('{ image: x, port: 80 }')).toEqual({ probes: null, timeoutMs: 120_000, timeoutWritten: false });
    expect(gate('{ image: x, timeout: 120s }')).toEqual({ probes: null, timeoutMs: 120_000, timeoutWritten: true });
  });
  test('asks protocol and healthcheck of a known image', () => {
    const environment = resolveText(
      composeLayer('services: { db: { image: postgres:16, healthcheck: { test: [CMD-SHELL, pg_isready] } } }'),
    );
    expect(serviceOf(environment, 'db').gate.probes?.map((probe) => probe.kind)).toEqual(['protocol', 'healthcheck']);
  });
  test('refuses keys that are not probes', () => {
    expect(refusal(() => gate('{ image: x, port: 1, ready: { htp: / } }'))).toMatch(
      /Unknown probe "htp" → Did you mean "http"\?/,
    );
    expect(refusal(() => gate('{ image: x, port: 1, ready: { http: /, jsn: {} } }'))).toMatch(
      /no option "jsn" → Did you mean "json"\?/,
    );
    expect(refusal(() => gate('{ image: x, ready: { http: / } }'))).toMatch(/needs a port.*port: 8000/);
    expect(refusal(() => gate('{ image: x, ready: { log: "(" } }'))).toMatch(/Invalid regular expression/);
  });
});

describe('the seeds of a service', () => {
  const seeds = (text: string) => serviceOf(resolveText(text), 'db').seed;
  test('reads both forms of seeds, with absolute paths', () => {
    expect(
      seeds('services: { db: { template: postgres, seed: [{ sql: a.sql }, { csv: b.csv, table: t }] } }').steps,
    ).toMatchObject([
      { kind: 'sql', file: '/project/environments/a.sql' },
      { kind: 'csv', file: '/project/environments/b.csv', table: 't', delimiter: ',' },
    ]);
  });
  test('makes the services in seed steps dependencies', () => {
    const text =
      'services: { db: { template: postgres, seed: [{ exec: [load], in: tools }, ' +
      '{ run: "load ${api.url}" }] }, tools: { image: x }, api: { image: x, port: 1 } }';
    expect(seeds(text).after).toEqual(['tools', 'api']);
  });
  test('refuses seeds for a service that does not take them', () => {
    expect(refusal(() => seeds('services: { db: { template: redis, seed: [{ sql: a.sql }] } }'))).toMatch(
      /speaks redis, which takes no "sql" seeds.*postgres/,
    );
    expect(refusal(() => seeds('services: { db: { template: postgres, seed: [{ csv: a.csv }] } }'))).toMatch(/table/);
  });
});
