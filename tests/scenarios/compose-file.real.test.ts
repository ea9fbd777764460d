/** Any Compose file is a profile: eight services of unknown images, fixed names and ports, Compose profiles. */
import { expect } from 'vitest';
import { docker, dockerEnded, expectCode, exportsOf, idsOf, scenario, withTag } from './vocabulary.js';

/** Provides images under names that no other scenario uses while `body` runs. */
const withImages = (registry: string, body: () => Promise<void>): Promise<void> =>
  withTag(
    'debian:bookworm-slim',
    ['api', 'web', 'store', 'jobs', 'batch', 'mail', 'debug', 'metrics'].map((name) => `${registry}/${name}:7`),
    body,
  );

/** `mail` has no healthcheck and no port, `batch` is a job, `debug` and `metrics` need a Compose profile. */
const file = (registry: string): string => `name: acme
services:
  store:
    image: ${registry}/store:7
    container_name: acme-store
    command: ["sh", "-c", "sleep 1.5; touch /ready; sleep 600"]
    healthcheck: { test: ["CMD", "test", "-e", "/ready"], interval: 30s }
    volumes: ["data:/data"]
  api:
    image: ${registry}/api:7
    container_name: acme-api
    command: ["sh", "-c", "getent hosts acme-store && touch /ready; sleep 600"]
    ports: ["18080:8080"]
    depends_on: { store: { condition: service_healthy } }
    healthcheck: { test: test -e /ready, interval: 30s, timeout: 5s }
  web:
    image: ${registry}/web:7
    command: sleep 600
    depends_on: [api]
    networks: [front]
  jobs:
    image: ${registry}/jobs:7
    command: sleep 600
    depends_on: { batch: { condition: service_completed_successfully } }
  batch:
    image: ${registry}/batch:7
    command: ["sh", "-c", "sleep 0.3; echo done > /data/batch"]
    volumes: ["data:/data"]
  mail:
    image: ${registry}/mail:7
    command: sleep 600
    environment: { GREETING: "it costs $$5", NAME: "\${ACME_NAME:-nobody}" }
  debug:
    image: ${registry}/debug:7
    command: sleep 600
    profiles: [tools]
  metrics:
    image: ${registry}/metrics:7
    command: sleep 600
    profiles: [watch]
networks:
  front: { name: acme-front }
volumes:
  data: { name: acme-data }
`;

scenario('a Compose file with eight services of unknown images comes up unedited', (stage) =>
  withImages('one.example', async () => {
    const project = stage.project({ 'compose.yml': file('one.example') });
    const up = await project.envctl('up -f compose.yml --progress plain');
    expectCode(up, 0);

    // Gates: the test of a healthcheck, the exit code of a job, and running for the rest.
    expect(up.stderr).toMatch(/store +ready \(healthcheck\)/);
    expect(up.stderr).toMatch(/api +ready \(healthcheck\)/);
    expect(up.stderr).toMatch(/batch +exit 0/);
    expect(up.stderr).toMatch(/mail +running \(not checked\)/);
    expect(up.ms).toBeLessThan(20_000);

    // Names and ports belong to the instance, and notices report it; the old names still resolve.
    const containers = await project.containers();
    expect(containers.map(({ service }) => service)).toEqual(['api', 'batch', 'jobs', 'mail', 'store', 'web']);
    for (const { name, instance } of containers) expect(name).toMatch(new RegExp(`^${instance}-`));
    expect(up.stderr).toMatch(/container_name "acme-store" is replaced by one per instance/);
    expect(up.stderr).toMatch(/host port 18080 is chosen by the engine/);
    const [published = ''] = (await project.container('api')).published['8080/tcp'] ?? [];
    expect(published).toMatch(/^127\.0\.0\.1:(?!18080)\d+$/);
    expect(await exportsOf(project, '-f compose.yml')).toMatchObject({
      API_HOST: '127.0.0.1',
      API_PORT: published.split(':')[1],
    });
    for (const kind of ['network', 'volume'])
      expect(await docker(kind, 'ls', '--format', '{{.Name}}')).not.toMatch(/^acme-(front|data)$/m);

    // Values as Compose reads them.
    const { id } = await project.container('mail');
    expect(await docker('exec', id, 'printenv', 'GREETING', 'NAME')).toBe('it costs $5\nnobody\n');
    expectCode(await project.envctl('down -f compose.yml'), 0);
  }),
);

scenario('up --compose-profile adds the services of a Compose profile and reuses the others', (stage) =>
  withImages('two.example', async () => {
    const project = stage.project({ 'compose.yml': file('two.example') });
    expectCode(await project.envctl('up -f compose.yml'), 0);
    const before = idsOf(await project.containers());
    expectCode(await project.envctl('up -f compose.yml --compose-profile tools'), 0);
    expect((await project.container('debug')).running).toBe(true);
    expectCode(await project.envctl('up -f compose.yml', { env: { COMPOSE_PROFILES: 'tools,watch' } }), 0);
    expect((await project.container('metrics')).running).toBe(true);
    expect(idsOf(await project.containers())).toMatchObject(before);
    expectCode(await project.envctl('down -f compose.yml'), 0);
  }),
);

scenario('two instances of one Compose file share no network and no volume', (stage) =>
  withImages('three.example', async () => {
    const project = stage.project({ 'compose.yml': file('three.example') });
    const ups = await Promise.all([project.envctl('up -f compose.yml'), project.envctl('up -f compose.yml -i second')]);
    for (const up of ups) expectCode(up, 0);
    const containers = await project.containers();
    expect(new Set(containers.map(({ instance }) => instance)).size).toBe(2);
    const [one, two] = [...new Set(containers.map(({ instance }) => instance))].map((instance) =>
      containers.filter((container) => container.instance === instance),
    );
    for (const shared of ['networks', 'volumes'] as const) {
      const theirs = new Set(two?.flatMap((container) => container[shared]));
      expect(one?.flatMap((container) => container[shared]).filter((name) => theirs.has(name))).toEqual([]);
    }
    expectCode(await project.envctl('down -f compose.yml'), 0);
    expectCode(await project.envctl('down -f compose.yml -i second'), 0);
  }),
);

scenario('keys under x-envctl work, and Compose still accepts the file', async (stage) => {
  const project = stage.project({
    'compose.yml': `services:
  kv:
    image: redis:7-alpine
    x-envctl: { seed: [{ redis: cache.json }] }
  a:
    image: debian:bookworm-slim
    command: sleep 600
    x-envctl: { environment: { KV: "$$\{kv.url}" }, ready: { exec: [printenv, KV] } }
x-envctl:
  exports: { MY_KV: "$$\{kv.url}/1" }
`.replaceAll('\\{', '{'),
    'cache.json': '{ "greeting": "hello" }',
  });
  expect((await dockerEnded(['compose', '-f', project.path('compose.yml'), 'config', '-q'])).code).toBe(0);
  const up = await project.envctl('up -f compose.yml --progress plain');
  expectCode(up, 0);
  expect(up.stderr).toMatch(/kv +seeded redis cache\.json \(1 keys/);
  expect((await exportsOf(project, '-f compose.yml')).MY_KV).toMatch(/^redis:\/\/127\.0\.0\.1:\d+\/1$/);
  const { id } = await project.container('a');
  expect(await docker('exec', id, 'printenv', 'KV')).toBe('redis://kv:6379\n');
  expectCode(await project.envctl('down -f compose.yml'), 0);
});

scenario('a service may use the default network without declaring it', async (stage) => {
  const project = stage.project({
    'compose.yml': `services:
  a:
    image: debian:bookworm-slim
    command: sleep 600
    networks: [front, default]
  b: { image: "debian:bookworm-slim", command: sleep 600 }
networks:
  front:
`,
  });
  expectCode(await project.envctl('up -f compose.yml'), 0);
  expect((await project.container('a')).networks).toHaveLength(2);
  expectCode(await project.envctl('down -f compose.yml'), 0);
});

scenario('the password of a Compose service is read from its variable, flag or file', async (stage) => {
  const project = stage.project({
    'compose.yml': `services:
  variable: { image: "postgres:15", environment: { POSTGRES_PASSWORD: set-by-variable } }
  flag: { image: "redis:7-alpine", command: redis-server --requirepass set-by-flag }
  file: { image: "postgres:15", environment: { POSTGRES_PASSWORD_FILE: /run/secrets/pg }, secrets: [pg] }
  none: { image: "redis:7-alpine" }
secrets: { pg: { file: pg.txt } }
`,
    'pg.txt': 'set-by-file\n',
  });
  expectCode(await project.envctl('up -f compose.yml --ephemeral'), 0);
  const exports = await exportsOf(project, '-f compose.yml');
  expect(exports.NONE_URL).toMatch(/^redis:\/\/127\.0\.0\.1:\d+$/);
  expect(exports.VARIABLE_URL).toContain('postgres:set-by-variable@127.0.0.1');
  expect(exports.FLAG_URL).toContain(':set-by-flag@127.0.0.1');
  expect(exports.FILE_URL).toContain('postgres:set-by-file@127.0.0.1');
  expect((await project.envctl('status -f compose.yml')).stdout.match(/ ready /g)).toHaveLength(4);
  expectCode(await project.envctl('down -f compose.yml'), 0);
});

scenario('down does not remove external networks and volumes', async (stage) => {
  const project = stage.project({ 'compose.yml': '' });
  const name = `envctl-scenario-${process.pid}`;
  project.write(
    'compose.yml',
    `services:
  a:
    image: debian:bookworm-slim
    command: sleep 600
    networks: [shared]
    volumes: ["shared:/data"]
networks: { shared: { external: true, name: ${name} } }
volumes: { shared: { external: true, name: ${name} } }
`,
  );
  await docker('network', 'create', name);
  await docker('volume', 'create', name);
  try {
    expectCode(await project.envctl('up -f compose.yml'), 0);
    const [container] = await project.containers();
    expect(container?.volumes).toEqual([name]);
    expectCode(await project.envctl('down -f compose.yml'), 0);
    expect((await dockerEnded(['network', 'inspect', name])).code).toBe(0);
    expect((await dockerEnded(['volume', 'inspect', name])).code).toBe(0);
  } finally {
    await dockerEnded(['network', 'rm', name]);
    await dockerEnded(['volume', 'rm', name]);
  }
});

scenario('a profile can include a Compose file, change its services and add services', async (stage) => {
  const project = stage.project({
    'compose.yml': 'services:\n  kv:\n    image: redis:7-alpine\n    environment: { A: compose, B: compose }\n',
    'environments/p.yaml': `include: [../compose.yml]
services:
  kv:
    environment: { B: profile }
    seed: [{ exec: redis-cli set hello world }]
  a: { image: debian:bookworm-slim, command: sleep 600, environment: { KV: "\${kv.url}" } }
`,
  });
  expectCode(await project.envctl('up p'), 0);
  expect((await project.envctl('exec -T p kv printenv A B')).stdout).toBe('compose\nprofile\n');
  expect((await project.envctl('exec -T p kv redis-cli get hello')).stdout).toBe('world\n');
  expect((await project.envctl('exec -T p a printenv KV')).stdout).toBe('redis://kv:6379\n');
  expectCode(await project.envctl('down p'), 0);
});

scenario('an error from Compose has the position in the Compose file', async (stage) => {
  const project = stage.project({
    'compose.yml': 'services:\n  a:\n    image: debian:bookworm-slim\n    mem_limit: lots\n',
  });
  const up = await project.envctl('up -f compose.yml');
  expectCode(up, 2);
  expect(up.stderr).toMatch(/compose\.yml:4:\d+ /);
  expect(await project.containers()).toEqual([]);
});

scenario('an error from Compose about a profile has the position in the profile', async (stage) => {
  const project = stage.project({
    'environments/p.yaml':
      'services:\n  a:\n    image: debian:bookworm-slim\n    command: sleep 600\n    mem_limit: lots\n',
  });
  const up = await project.envctl('up p');
  expectCode(up, 2);
  expect(up.stderr).toMatch(/environments\/p\.yaml:5:\d+ /);
  expect(await project.containers()).toEqual([]);
});
