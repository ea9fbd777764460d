import { describe, expect, test } from 'vitest';
import { bindEnvironment } from '../../src/plan/bind.js';
import { mountedFiles } from '../../src/plan/fingerprint.js';
import { portsToReserve } from '../../src/plan/ports-to-reserve.js';
import { prepare } from '../testing/preparing.js';
import { composeLayer, refusal, resolveText, serviceOf } from '../testing/resolving.js';

const workloadOf = (text: string, name: string, ...rest: [] | [Parameters<typeof prepare>[1]]) => {
  const found = prepare(text, ...rest).workloads.find(({ service }) => service === name);
  if (!found) throw new Error(`no workload ${name}`);
  return found;
};
const gateOf = (text: string, name: string, ...rest: [] | [Parameters<typeof prepare>[1]]) =>
  serviceOf(prepare(text, ...rest).environment, name).gate;

describe('binding a workload', () => {
  test('fills in references as seen from inside and turns $$ into $', () => {
    const text = `services:
  db: { template: postgres, with: { user: "a b", password: "p$$:/" } }
  app:
    image: x
    port: 80
    environment:
      { U: "\${db.url}", H: "\${db.host}", P: "\${db.port}", E: "\${db.env.PGUSER}", D: "a$$b", N: 5, T: true }
    command: ["\${app.url}", "$$X"]`;
    expect(workloadOf(text, 'app').compose).toMatchObject({
      environment: {
        U: 'postgresql://a%20b:p%24%3A%2F@db:5432/app',
        H: 'db',
        P: '5432',
        E: 'a b',
        D: 'a$b',
        N: '5',
        T: 'true',
      },
      command: ['http://app:80', '$X'],
    });
  });
  test('publishes every port, except with the network of another service', () => {
    expect(workloadOf('services: { a: { image: x, ports: { main: 80, admin: "81:81" } } }', 'a').publish).toEqual({
      main: null,
      admin: 81,
    });
    expect(
      workloadOf('services: { b: { image: x }, a: { image: x, port: 80, network_mode: "service:b" } }', 'a').publish,
    ).toEqual({});
  });
  test("creates stores for a template's data, on disk with keep", () => {
    expect(workloadOf('services: { db: { template: postgres } }', 'db').stores).toEqual([
      { path: '/var/lib/postgresql/data', storage: 'memory' },
    ]);
    expect(workloadOf('services: { db: { template: postgres, keep: true } }', 'db').stores).toMatchObject([
      { storage: 'disk' },
    ]);
    expect(workloadOf('services: { db: { image: postgres } }', 'db').stores).toEqual([]);
  });
  test.each(['container', 'process'] as const)('a %s has its stop_grace_period as stop timeout', (kind) => {
    const service = (key: string) => `services: { a: { image: x, process: { command: x }${key} } }`;
    const timeout = (key: string) => workloadOf(service(key), 'a', { runs: [kind] }).stopTimeoutMs;
    expect(timeout('')).toBe(10_000);
    expect(timeout(', stop_grace_period: 1m')).toBe(60_000);
  });
  test('a process gets a new fingerprint when its stop_grace_period changes', () => {
    const printOf = (grace: string) =>
      workloadOf(`services: { a: { process: { command: x }, stop_grace_period: ${grace} } }`, 'a', {
        runs: ['process'],
      }).fingerprint;
    expect(printOf('1m')).toBe(printOf('1m'));
    expect(printOf('1m')).not.toBe(printOf('2m'));
  });
  test('stores no secret in the record', () => {
    const { record } = workloadOf('services: { db: { template: postgres, with: { password: hidden-word } } }', 'db');
    expect(JSON.stringify(record)).not.toContain('hidden-word');
    expect(record).toMatchObject({ parameters: { user: 'app' }, secrets: { password: ['POSTGRES_PASSWORD'] } });
  });
  test('refuses a service that has no form for the engine', () => {
    const environment = resolveText('services: { a: { image: x } }');
    const work = () =>
      bindEnvironment({
        environment,
        preparation: { images: {}, inside: {}, outside: {} },
        runs: ['process'],
        hashes: {},
        secrets: [],
      });
    expect(refusal(work)).toMatch(
      /Service "a" has no process form, so this engine cannot run it → Give it a `process`.*ENGINE_CANNOT_RUN 2/,
    );
  });
  test('passes a process its variables and ports', () => {
    const environment = resolveText(
      'services: { a: { process: { command: "serve $$X", port: PORT }, port: 80, environment: { A: "${a.port}" } } }',
      { runs: ['process'] },
    );
    const addresses = { a: { main: { host: '127.0.0.1', port: 4711 } } };
    const [only] = bindEnvironment({
      environment,
      preparation: { images: {}, inside: addresses, outside: addresses },
      runs: ['process'],
      hashes: {},
      secrets: [],
    }).workloads;
    expect(only).toMatchObject({
      kind: 'process',
      compose: {},
      process: { argv: ['serve', '$X'] },
      env: { A: '4711', PORT: '4711' },
    });
  });
});

describe('binding an undeclared gate', () => {
  const healthcheck = { test: ['CMD', 'ask', '$me'], timeoutMs: 1000, budgetMs: 300_000 };
  test("asks the image's healthcheck within the time Docker allows it", () => {
    expect(gateOf('services: { a: { image: x, port: 80 } }', 'a', { images: { a: { healthcheck } } })).toMatchObject({
      probes: [{ kind: 'healthcheck', test: ['CMD', 'ask', '$me'], timeoutMs: 1000 }],
      timeoutMs: 300_000,
    });
  });
  test('uses the time limit of the profile, 120 s included', () => {
    expect(
      gateOf('services: { a: { image: x, timeout: 5s } }', 'a', { images: { a: { healthcheck } } })?.timeoutMs,
    ).toBe(5000);
    expect(
      gateOf('services: { a: { image: x, timeout: 120s } }', 'a', { images: { a: { healthcheck } } })?.timeoutMs,
    ).toBe(120_000);
  });
  test('asks a port, or nothing without one', () => {
    expect(gateOf('services: { a: { image: x, port: 80 } }', 'a')?.probes).toEqual([
      { kind: 'protocol', protocol: 'tcp', port: 'main', options: {} },
    ]);
    expect(gateOf('services: { a: { image: x } }', 'a')?.probes).toEqual([{ kind: 'running' }]);
    expect(
      gateOf('services: { a: { image: x, healthcheck: { disable: true } } }', 'a', { images: { a: { healthcheck } } })
        ?.probes,
    ).toEqual([{ kind: 'running' }]);
  });
  test('does not treat a service with a healthcheck as a job', () => {
    const prepared = prepare(composeLayer('services: { a: { image: x }, b: { image: y } }'), {
      images: { a: { healthcheck } },
    });
    expect(prepared.environment.services.map(({ once }) => once)).toEqual(['no', 'maybe']);
  });
});

describe('binding probes', () => {
  test('turns $$ into $', () => {
    const text = `services:
  a:
    image: x
    port: 80
    healthcheck: { test: ["CMD-SHELL", "test -n $$HOME"] }
    ready:
      - log: "cost \\\\$$5"
      - exec: sh -c 'echo $$HOME'
      - http: { path: "/$$x", headers: { A: "$$" } }`;
    expect(gateOf(text, 'a')?.probes).toMatchObject([
      { pattern: 'cost \\$5' },
      { argv: ['sh', '-c', 'echo $HOME'] },
      { options: { path: '/$x', headers: { A: '$' } } },
      { test: ['CMD-SHELL', 'test -n $HOME'] },
    ]);
  });
  test('uses inside addresses for commands in the service and outside addresses for all other probes', () => {
    const text = `services:
  db: { template: postgres }
  a:
    image: x
    ready:
      - exec: ask \${db.host}
      - command: ask \${db.url}
      - tcp:\${db.outside.host}:\${db.outside.port}`;
    expect(portsToReserve(resolveText(text))).toEqual([{ service: 'db', port: 'main' }]);
    const outside = { db: { main: { host: '127.0.0.1', port: 4711 } } };
    const probes = gateOf(text, 'a', { outside })?.probes;
    expect(probes?.[0]).toEqual({ kind: 'exec', argv: ['ask', 'db'] });
    expect(JSON.stringify(probes?.slice(1))).toMatch(/@127\.0\.0\.1:4711\/app.*tcp:127\.0\.0\.1:4711/);
  });
});

describe('portsToReserve', () => {
  const reserved = (text: string) => portsToReserve(resolveText(text)).map(({ service, port }) => `${service}.${port}`);
  test('returns the ports whose outside address a configuration refers to', () => {
    const text = `services:
  app: { image: x, ports: { main: 80, admin: 81 } }
  db: { template: postgres }
  hook:
    image: y
    environment:
      A: \${app.outside.url}
      B: \${app.outside.admin.url}
      C: \${app.outside.url}
      D: \${db.url}
      E: \${db.outside.database}`;
    expect(reserved(text)).toEqual(['app.main', 'app.admin']);
  });
  test('ignores exports and seeds, which come after the start', () => {
    expect(
      reserved(
        `services: { app: { image: x, port: 80, seed: [{ http: "\${app.outside.url}" }] } }
exports: { A: "\${app.url}" }`,
      ),
    ).toEqual([]);
  });
  test('refuses a service with several replicas', () => {
    expect(
      refusal(() =>
        reserved(
          `services:
  app: { image: x, port: 80, scale: 2 }
  a: { image: y, environment: { A: "\${app.outside.url}" } }`,
        ),
      ),
    ).toMatch(/is a single address, but "app" has 2 replicas/);
  });
  test('are required before a reference to an outside address resolves', () => {
    const text = 'services: { app: { image: x, port: 80 }, a: { image: y, environment: { A: "${app.outside.url}" } } }';
    expect(refusal(() => prepare(text))).toMatch(
      /"\$\{app\.outside\.url\}" is not known before "app" starts → Refer to its inside address, or fix its port/,
    );
  });
});

test('a reference to a service left out of this run uses its name as host', () => {
  const text = 'services: { app: { image: x, port: 80 }, worker: { image: y, environment: { A: "${app.url}" } } }';
  const { workloads } = prepare(text, {}, { selection: { only: [], without: ['app'], composeProfiles: [] } });
  expect(workloads.map(({ service, compose }) => [service, compose.environment])).toEqual([
    ['worker', { A: 'http://app:80' }],
  ]);
});

test('mountedFiles lists bind mounts, env files, configs and secrets', () => {
  const text = `services:
  a: { image: x, volumes: ["./one$$1:/1", data:/2], env_file: two.env, configs: [c], secrets: [{ source: s }] }
  b: { image: x, volumes: ["./one$$1:/1"] }
configs: { c: { file: c.json }, unused: { file: no } }
secrets: { s: { file: s.txt } }`;
  const at = (name: string) => `/project/environments/${name}`;
  expect(mountedFiles(resolveText(text))).toEqual([at('one$1'), at('c.json'), at('s.txt'), at('two.env')]);
});
