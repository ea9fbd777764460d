import { describe, expect, test } from 'vitest';
import { composeLayer, refusal, resolveText, serviceOf } from '../testing/resolving.js';

const adopted = (service: string, rest = '', options: Parameters<typeof resolveText>[1] = {}) =>
  serviceOf(resolveText(composeLayer(`services: { s: ${service} }${rest}`), options), 's');

describe('secrets of an adopted image', () => {
  test.each([
    ['by a secret of the environment', '{ source: pw, target: pw }', '{ environment: DB_PW }', '/run/secrets/pw'],
    ['by a secret at a place of its own', '{ source: pw, target: /etc/pw }', '{ file: /f }', '/etc/pw'],
    ['by a secret under another name', '{ source: pw, target: other }', '{ file: /f }', '/run/secrets/other'],
  ])('reads a password from %s', (_, secret, source, path) => {
    const service = adopted(
      `{ image: postgres, secrets: [${secret}], environment: { POSTGRES_PASSWORD_FILE: ${path} } }`,
      `\nsecrets: { pw: ${source} }`,
      {
        env: { DB_PW: 'secret' },
        readText: (file) => (file === '/f' ? 'secret\n' : null),
      },
    );
    expect(service.parameters.password).toBe('secret');
  });
  test('reads a password from a mounted file', () => {
    const service = adopted(
      '{ image: postgres, volumes: [{ type: bind, source: /host/pw, target: /pw }], ' +
        'environment: { POSTGRES_PASSWORD_FILE: /pw } }',
      '',
      {
        readText: (file) => (file === '/host/pw' ? 'secret' : null),
      },
    );
    expect(service.parameters.password).toBe('secret');
  });
  test('reads a password with dollar signs from a flag of one argument', () => {
    expect(adopted('{ image: redis, command: "redis-server --requirepass=a$$b" }').parameters.password).toBe('a$b');
  });
  test('generates no password, because the image would not know it', () => {
    expect(adopted('{ image: redis }').parameters.password).toBe('');
    expect(adopted('{ image: rabbitmq }').parameters).toMatchObject({ user: 'guest', password: 'guest', vhost: '/' });
  });
  test('treats the password as a secret', () => {
    expect(adopted('{ image: postgres, environment: { POSTGRES_PASSWORD: pw } }').secrets).toEqual({
      password: ['POSTGRES_PASSWORD'],
    });
  });
});

describe('ports of a Compose file', () => {
  const ports = (list: string) => adopted(`{ image: x, ports: ${list} }`).ports;
  test.each([
    ['[8000]', { main: 8000 }],
    ['["8080:80"]', { main: 80 }],
    ['["127.0.0.1:8080:80/tcp"]', { main: 80 }],
    ['["[::1]:8080:80"]', { main: 80 }],
    ['[{ target: 80, published: "8080" }, { target: 81 }]', { main: 80, 81: 81 }],
    ['["53:53/udp", "80"]', { main: 80 }],
  ])('reads the ports %s', (list, expected) => {
    expect(Object.fromEntries(Object.entries(ports(list)).map(([name, { inside }]) => [name, inside]))).toEqual(
      expected,
    );
  });
  test('names ports as in the template', () => {
    expect(adopted('{ image: rabbitmq, ports: ["15672:15672"] }').ports).toEqual({
      main: { inside: 5672, fixed: null },
      management: { inside: 15672, fixed: null },
    });
  });
  test.each(['["0:80"]', '[99999]', '["8000-8010:8000-8010"]', '[x]'])('refuses the ports %s', (list) => {
    if (list === '["0:80"]') expect(ports(list)).toEqual({ main: { inside: 80, fixed: null } });
    else expect(refusal(() => ports(list))).toMatch(/is not a port → Write the port.*PROFILE_INVALID/);
  });
  test('can be named, but not written in both forms', () => {
    const named = (own: string) =>
      resolveText([
        ...composeLayer('services: { s: { image: x, ports: [80, 81] } }'),
        { text: `services: { s: { ${own} } }` },
      ]);
    expect(serviceOf(named('port: 81'), 's').ports).toEqual({
      main: { inside: 81, fixed: null },
      80: { inside: 80, fixed: null },
    });
    expect(refusal(() => named('ports: { main: 80, other: 81 }'))).toMatch(/`ports` is both a list and a map/);
  });
  test('keep the host port that a profile fixes', () => {
    expect(serviceOf(resolveText('services: { a: { image: x, port: "8000:80" } }'), 'a').ports).toEqual({
      main: { inside: 80, fixed: 8000 },
    });
  });
});

describe('notices about names and ports per instance', () => {
  test('list container names, host ports, network and volume names, and ports that are not TCP', () => {
    const text = `services: { s: { image: x, container_name: one, ports: ["8080:80", "53:53/udp"] } }
networks: { n: { name: fixed-net }, e: { name: outer, external: true } }
volumes: { v: { name: fixed-vol }, w: {} }`;
    expect(resolveText(composeLayer(text)).notices).toEqual([
      expect.stringContaining('container_name "one"'),
      expect.stringContaining('host port 8080'),
      expect.stringContaining('53/udp'),
      expect.stringContaining('network n: the name "fixed-net"'),
      expect.stringContaining('volume v: the name "fixed-vol"'),
    ]);
  });
  test('omit host ports that stay fixed', () => {
    expect(
      resolveText(composeLayer('services: { s: { image: x, ports: ["8080:80"] } }'), { fixedPorts: true }).notices,
    ).toEqual([]);
  });
  test('omit services that are left out of this run', () => {
    const text = 'services: { a: { image: x }, s: { image: x, container_name: one } }';
    expect(
      resolveText(composeLayer(text), { selection: { only: ['a'], without: [], composeProfiles: [] } }).notices,
    ).toEqual([]);
  });
});

describe('a service that exits with 0', () => {
  test('can be a job in a Compose file, which has no key for it', () => {
    expect(adopted('{ image: x }').once).toBe('maybe');
    expect(adopted('{ image: x, restart: "no" }').once).toBe('maybe');
  });
  test('can be a job if a profile includes the Compose file and adds Compose keys', () => {
    const environment = resolveText([
      ...composeLayer('services: { s: { image: x } }'),
      { text: 'services: { s: { environment: { A: b } } }' },
    ]);
    expect(serviceOf(environment, 's').once).toBe('maybe');
  });
  test('is a job only with once in a profile', () => {
    expect(serviceOf(resolveText('services: { s: { image: x } }'), 's').once).toBe('no');
    expect(serviceOf(resolveText('services: { s: { image: x, once: true } }'), 's')).toMatchObject({
      once: 'yes',
      kind: 'job',
    });
    expect(
      serviceOf(
        resolveText([...composeLayer('services: { s: { image: x } }'), { text: 'services: { s: { once: false } }' }]),
        's',
      ).once,
    ).toBe('no');
  });
  test('is a job if a parameter sets once to true', () => {
    const text = (value: string) =>
      `parameters: { job: ${value} }\nservices: { s: { image: x, once: "\${parameters.job}" } }`;
    expect(serviceOf(resolveText(text('true')), 's').once).toBe('yes');
    expect(refusal(() => resolveText(text('perhaps')))).toMatch(
      /^2:28 Invalid value for "once": "perhaps" → Expected true or false/,
    );
  });
});

describe('replicas', () => {
  const scale = (service: string, options: Parameters<typeof resolveText>[1] = {}) =>
    serviceOf(resolveText(`services: { s: ${service} }`, options), 's').scale;
  test.each([
    ['{ image: x, scale: 3 }', 3],
    ['{ image: x, scale: "3" }', 3],
    ['{ image: x, scale: "${N:-2}" }', 2],
    ['{ image: x, deploy: { replicas: 4 } }', 4],
    ['{ image: x, scale: 0 }', 0],
  ])('reads the replicas of %s', (service, expected) => {
    expect(scale(service)).toBe(expected);
  });
  test.each([
    '{ image: x, scale: two }',
    '{ image: x, scale: -1 }',
    '{ image: x, scale: 1.5 }',
    '{ image: x, deploy: { replicas: many } }',
  ])('refuses the replicas of %s', (service) => {
    expect(refusal(() => scale(service))).toMatch(/Invalid number of replicas/);
  });
  test('replicas cannot share a fixed port or seeds', () => {
    expect(refusal(() => scale('{ image: x, scale: 2, port: "80:80" }'))).toMatch(
      /^1:28 Service "s" has 2 replicas, but also a fixed host port/,
    );
    expect(refusal(() => scale('{ template: postgres, scale: 2, seed: [{ sql: a.sql }] }'))).toMatch(/but also seeds/);
  });
  test('replicas are not passed to Compose', () => {
    expect(
      serviceOf(resolveText('services: { s: { image: x, deploy: { replicas: 2, resources: {} } } }'), 's').compose
        .deploy,
    ).toEqual({
      resources: {},
    });
  });
});

describe('services behind Compose profiles', () => {
  const text =
    'services: { a: { image: x, depends_on: [tool] }, tool: { image: x, profiles: [debug] }, ' +
    'other: { image: x, profiles: [debug] } }';
  const names = (selection: Partial<{ only: string[]; without: string[]; composeProfiles: string[] }>) =>
    resolveText(composeLayer(text), {
      selection: { only: [], without: [], composeProfiles: [], ...selection },
    }).services.map(({ name }) => name);
  test('run if they are needed, named or enabled', () => {
    expect(names({})).toEqual(['tool', 'a']);
    expect(names({ only: ['other'] })).toEqual(['other']);
    expect(names({ composeProfiles: ['debug'] }).sort()).toEqual(['a', 'other', 'tool']);
    expect(names({ composeProfiles: ['*'] }).sort()).toEqual(['a', 'other', 'tool']);
  });
  test('do not run if only omitted services need them', () => {
    expect(names({ without: ['a'] })).toEqual([]);
  });
  test('refuses an unknown profile with the nearest name', () => {
    expect(refusal(() => names({ only: ['otehr'] }))).toMatch(
      /This profile has no service "otehr" → Did you mean "other"\?.*USAGE 2/,
    );
  });
});

test('accepts all service names that Compose accepts, including dots', () => {
  const environment = resolveText(
    composeLayer('services: { a.b: { image: x, ports: [80] }, _c: { image: x, depends_on: { a.b: {} } } }'),
  );
  expect(environment.services.map(({ name }) => name)).toEqual(['a.b', '_c']);
  expect(refusal(() => resolveText(composeLayer('services: { "a b": { image: x } }')))).toMatch(
    /is not a valid service name/,
  );
});
