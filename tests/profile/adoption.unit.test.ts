import { describe, expect, test } from 'vitest';
import { composeLayer, resolveText, serviceOf } from '../testing/resolving.js';

const adopted = (service: string, rest = '', options = {}) =>
  serviceOf(resolveText(composeLayer(`services: { s: ${service} }${rest}`), options), 's');

describe('an adopted image', () => {
  test.each([
    'postgres',
    'postgres:16',
    'postgres:16@sha256:00',
    'library/postgres',
    'docker.io/library/postgres:16',
    'mirror.corp:5000/hub/postgres:16',
    'public.ecr.aws/docker/library/postgres',
    'postgis/postgis:16',
  ])('%s gets the protocol of postgres', (image) => {
    expect(adopted(`{ image: "${image}" }`).speaks).toBe('postgres');
  });
  test.each(['myorg/postgres', 'postgres-exporter', 'example.com/notpostgres'])('%s matches no template', (image) => {
    expect(adopted(`{ image: ${image} }`).speaks).toBeNull();
  });
  test.each([
    ['{ image: "postgres:16", command: ["-c", "fsync=off"] }', 'postgres'],
    ['{ image: "postgres:16", command: ["postgres", "-c", "x=y"] }', 'postgres'],
    ['{ image: "postgres:16", command: ["psql", "-f", "x"] }', null],
    ['{ image: "postgres:16", entrypoint: ["/bin/backup"] }', null],
    ['{ image: mockserver/mockserver, command: ["-serverPort", "1080"] }', 'mockserver'],
  ])('%s speaks %s', (service, speaks) => {
    expect(adopted(service).speaks).toBe(speaks);
  });
});

describe('parameters of an adopted image', () => {
  test('come from its variables, else from the defaults of the image', () => {
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
  test('come from a secret file', () => {
    const service = adopted(
      '{ image: postgres, environment: { POSTGRES_PASSWORD_FILE: /run/secrets/pw }, secrets: [pw] }',
      '\nsecrets: { pw: { file: /project/pw.txt } }',
      { readText: (path: string) => (path === '/project/pw.txt' ? 'from-file\n' : null) },
    );
    expect(service.parameters.password).toBe('from-file');
  });
  test('come from a flag of its command', () => {
    expect(adopted('{ image: redis, command: ["redis-server", "--requirepass", "pw"] }').parameters.password).toBe(
      'pw',
    );
  });
  test('do not add the service block of the template', () => {
    expect(adopted('{ image: postgres }').compose).toEqual({ image: 'postgres' });
    expect(adopted('{ image: postgres }').data).toEqual([]);
  });
});

describe('settings of a Compose file that would clash', () => {
  test('frees fixed host ports with a notice, unless --fixed-ports is set', () => {
    const compose = composeLayer('services: { s: { image: x, ports: [{ target: 80, published: "8080" }] } }');
    expect(serviceOf(resolveText(compose), 's').ports).toEqual({ main: { inside: 80, fixed: null } });
    expect(resolveText(compose).notices.join()).toContain('host port 8080');
    expect(serviceOf(resolveText(compose, { fixedPorts: true }), 's').ports).toEqual({
      main: { inside: 80, fixed: 8080 },
    });
  });
  test('drops container names with a notice', () => {
    expect(
      resolveText(composeLayer('services: { s: { image: x, container_name: the-one } }')).notices.join(),
    ).toContain('container_name "the-one"');
  });
});

describe('a service without port, healthcheck or known image', () => {
  test('can turn out to be a job', () => {
    expect(adopted('{ image: x }').once).toBe('maybe');
  });
  test.each([
    '{ image: x, restart: always }',
    '{ image: x, ports: [80] }',
    '{ image: x, healthcheck: { test: [CMD, a] } }',
    '{ image: postgres }',
  ])('%s is not a job', (service) => {
    expect(adopted(service).once).toBe('no');
  });
});
