import { describe, expect, test } from 'vitest';
import { composeLayer, resolveText, serviceOf } from '../testing/resolving.js';

const adopted = (service: string, rest = '', options = {}) =>
  serviceOf(resolveText(composeLayer(`services: { s: ${service} }${rest}`), options), 's');

describe('a known image gets its template’s protocol', () => {
  test.each([
    'postgres',
    'postgres:16',
    'postgres:16@sha256:00',
    'library/postgres',
    'docker.io/library/postgres:16',
    'mirror.corp:5000/hub/postgres:16',
    'public.ecr.aws/docker/library/postgres',
    'postgis/postgis:16',
  ])('%s', (image) => {
    expect(adopted(`{ image: "${image}" }`).speaks).toBe('postgres');
  });
  test.each(['myorg/postgres', 'postgres-exporter', 'example.com/notpostgres'])('%s is none', (image) => {
    expect(adopted(`{ image: ${image} }`).speaks).toBeNull();
  });
  test.each([
    ['{ image: "postgres:16", command: ["-c", "fsync=off"] }', 'postgres'],
    ['{ image: "postgres:16", command: ["postgres", "-c", "x=y"] }', 'postgres'],
    ['{ image: "postgres:16", command: ["psql", "-f", "x"] }', null],
    ['{ image: "postgres:16", entrypoint: ["/bin/backup"] }', null],
    ['{ image: mockserver/mockserver, command: ["-serverPort", "1080"] }', 'mockserver'],
  ])('%s', (service, speaks) => {
    expect(adopted(service).speaks).toBe(speaks);
  });
});

describe('its parameters', () => {
  test('are what its environment says, or what the image does without', () => {
    expect(
      adopted('{ image: postgres, environment: { POSTGRES_USER: me, POSTGRES_PASSWORD: pw } }').parameters,
    ).toMatchObject({
      user: 'me',
      database: 'me',
      password: 'pw',
    });
    expect(adopted('{ image: postgres, environment: { POSTGRES_PASSWORD: pw } }').parameters).toMatchObject({
      user: 'postgres',
      database: 'postgres',
    });
  });
  test('come out of a secret file', () => {
    const service = adopted(
      '{ image: postgres, environment: { POSTGRES_PASSWORD_FILE: /run/secrets/pw }, secrets: [pw] }',
      '\nsecrets: { pw: { file: /project/pw.txt } }',
      { readText: (path: string) => (path === '/project/pw.txt' ? 'from-file\n' : null) },
    );
    expect(service.parameters.password).toBe('from-file');
  });
  test('come out of a flag', () => {
    expect(adopted('{ image: redis, command: ["redis-server", "--requirepass", "pw"] }').parameters.password).toBe(
      'pw',
    );
  });
  test('never bring the template’s own block', () => {
    expect(adopted('{ image: postgres }').compose).toEqual({ image: 'postgres' });
    expect(adopted('{ image: postgres }').data).toEqual([]);
  });
});

describe('what would clash is given up, and said', () => {
  test('fixed host ports, unless they are asked for', () => {
    const compose = composeLayer('services: { s: { image: x, ports: [{ target: 80, published: "8080" }] } }');
    expect(serviceOf(resolveText(compose), 's').ports).toEqual({ main: { inside: 80, fixed: null } });
    expect(resolveText(compose).notices.join()).toContain('host port 8080');
    expect(serviceOf(resolveText(compose, { fixedPorts: true }), 's').ports).toEqual({
      main: { inside: 80, fixed: 8080 },
    });
  });
  test('container names', () => {
    expect(
      resolveText(composeLayer('services: { s: { image: x, container_name: the-one } }')).notices.join(),
    ).toContain('container_name "the-one"');
  });
});

describe('a service nothing is known of', () => {
  test('may turn out to be a job', () => {
    expect(adopted('{ image: x }').once).toBe('maybe');
  });
  test.each([
    '{ image: x, restart: always }',
    '{ image: x, ports: [80] }',
    '{ image: x, healthcheck: { test: [CMD, a] } }',
    '{ image: postgres }',
  ])('%s may not', (service) => {
    expect(adopted(service).once).toBe('no');
  });
});
