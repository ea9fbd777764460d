import { describe, expect, test } from 'vitest';
import { composeLayer, project, refusal, resolveText, serviceOf, type Written } from '../testing/resolving.js';

/** Services of layers, lowest first, each written as the body of service `a`. */
const merged = (...bodies: readonly string[]) =>
  serviceOf(resolveText(bodies.map((body): Written => ({ text: `services: { a: ${body} }` }))), 'a');

describe('merging short and long forms', () => {
  test.each([
    ['labels', '{ image: x, labels: [a=1, b] }', '{ labels: { b: "2" } }', { labels: { a: '1', b: '2' } }],
    [
      'build',
      '{ build: app }',
      '{ build: { target: dev } }',
      { build: { context: '/project/environments/app', target: 'dev' } },
    ],
    [
      'build arguments',
      '{ build: { context: ., args: [A=1, B] } }',
      '{ build: { args: { A: "2" } } }',
      { build: { args: { A: '2', B: null } } },
    ],
    [
      'env_file',
      '{ image: x, env_file: a.env }',
      '{ env_file: [b.env] }',
      { env_file: [{ path: '/project/environments/b.env', required: true }] },
    ],
    [
      'healthcheck',
      '{ image: x, healthcheck: { test: true, retries: 2 } }',
      '{ healthcheck: { test: curl } }',
      { healthcheck: { test: ['CMD-SHELL', 'curl'], retries: 2 } },
    ],
    [
      'volumes',
      '{ image: x, volumes: [data:/d] }',
      '{ volumes: ["../app:/a:ro"] }',
      { volumes: [{ type: 'bind', source: '/project/app', target: '/a', read_only: true }] },
    ],
  ])('merges both forms of %s', (_, below, above, expected) => {
    expect(merged(below, above).compose).toMatchObject(expected);
  });

  test('merges dependencies as list and as map', () => {
    const text = (body: string): Written => ({ text: `services: { a: ${body}, b: { image: y }, c: { image: z } }` });
    const { services } = resolveText([
      text('{ image: x, depends_on: [b, c] }'),
      text('{ depends_on: { c: { condition: service_started } } }'),
    ]);
    expect(services.at(-1)?.needs.map(({ service, step }) => `${service}.${step}`)).toEqual(['b.seeded', 'c.start']);
  });
  test('a port of the upper layer wins, in either form', () => {
    expect(merged('{ image: x, ports: { main: 1, admin: 2 } }', '{ port: 3 }').ports).toMatchObject({
      main: { inside: 3 },
      admin: { inside: 2 },
    });
    expect(merged('{ image: x, port: 1 }', '{ ports: { main: 3 } }').ports).toEqual({
      main: { inside: 3, fixed: null },
    });
    expect(merged('{ image: x, port: 1 }', '{ port: null }').ports).toEqual({});
    expect(merged('{ image: x, ports: { main: 1 } }', '{ ports: null }').ports).toEqual({});
  });
  test('a bare value of a parameter changes only its default', () => {
    const base =
      'parameters: { n: { default: 1, type: integer, values: [1, ' +
      '2] } }\nservices: { a: { image: "x:${parameters.n}" } }';
    expect(
      serviceOf(resolveText([{ text: base }, { kind: 'local', text: 'parameters: { n: 2 }' }]), 'a').compose.image,
    ).toBe('x:2');
    expect(refusal(() => resolveText([{ text: base }, { kind: 'local', text: 'parameters: { n: 3 }' }]))).toMatch(
      /expected one of 1, 2/,
    );
  });
  test('a seed list replaces a seed list, `after` stays', () => {
    const seed = merged(
      '{ template: postgres, seed: { after: [a], steps: [{ sql: a.sql }] } }',
      '{ seed: [{ sql: b.sql }] }',
    ).seed;
    expect(seed.steps).toMatchObject([{ kind: 'sql', file: '/project/environments/b.sql' }]);
  });
});

describe('null in a layer', () => {
  test('null deletes one variable, one label, one parameter of a template', () => {
    const { compose, parameters } = merged(
      '{ template: postgres, with: { database: x }, environment: { A: "1", B: "2" } }',
      '{ with: { database: null }, environment: { A: null } }',
    );
    expect(compose.environment).not.toHaveProperty('A');
    expect([compose.environment, parameters.database]).toMatchObject([{ B: '2' }, 'app']);
  });
  test("takes a variable from the user's environment, or omits it", () => {
    const written = [
      {
        text:
          'services: { a: { image: x, environment: { SET: , UNSET: } }, b: { image: x, environment: [SET, ' +
          'UNSET] } }',
      },
    ];
    const environment = resolveText(written, { env: { SET: 'a$b' } });
    expect(serviceOf(environment, 'a').compose.environment).toEqual({ SET: 'a$b' });
    expect(serviceOf(environment, 'b').compose.environment).toEqual({ SET: 'a$b' });
  });
  test("a bare name in a list passes the user's variable, even over a lower layer", () => {
    const layers = [
      { text: 'services: { a: { image: x, environment: { A: base } } }' },
      { text: 'services: { a: { environment: [A] } }' },
    ];
    expect(serviceOf(resolveText(layers, { env: { A: 'mine' } }), 'a').compose.environment).toEqual({
      A: 'mine',
    });
  });
  test('null deletes an export', () => {
    const layers = [
      { text: 'services: { a: { image: x, port: 1 } }\nexports: { A: "${a.url}", B: b }' },
      { text: 'exports: { A: null }' },
    ];
    expect(resolveText(layers).exports).toEqual({ B: 'b' });
  });
  test('creates no service from a deletion', () => {
    expect(refusal(() => resolveText('services: { a: null, b: { image: x } }'))).toMatch(
      /Service "a" has nothing to run/,
    );
  });
});

describe('paths in a profile', () => {
  test('paths can contain variables with defaults, including colons', () => {
    const { compose } = serviceOf(
      resolveText('services: { a: { build: "${APP:-app}", volumes: ["${DATA:-./data}:/data", "${ABS}:/abs"] } }', {
        env: { ABS: '/srv/x' },
      }),
      'a',
    );
    expect(compose.build).toEqual({ context: '/project/environments/app' });
    expect(compose.volumes).toMatchObject([{ source: '/project/environments/data' }, { source: '/srv/x' }]);
  });
  test('paths cannot leave the project through a variable', () => {
    const text = 'services: { db: { template: postgres, seed: [{ sql: "seeds/${SET}.sql" }] } }';
    expect(serviceOf(resolveText(text, { env: { SET: 'a' } }), 'db').seed.steps).toMatchObject([
      { file: '/project/environments/seeds/a.sql' },
    ]);
    expect(refusal(() => resolveText(text, { env: { SET: '../../../etc/passwd' } }))).toMatch(/is outside the project/);
  });
  test('paths cannot leave the project through a link', () => {
    const realPath = (path: string): string => path.replace('/project/environments/linked', '/etc');
    const text = 'services: { a: { image: x, env_file: linked/passwd } }';
    expect(refusal(() => resolveText(text, { realPath }))).toMatch(
      /^1:28 Path "linked\/passwd" is outside the project/,
    );
  });
  test.each([
    '{ build: ../../x }',
    '{ build: { context: ., additional_contexts: { a: ../../x } } }',
    '{ image: x, env_file: /etc/passwd }',
    '{ image: x, volumes: ["../../x:/y"] }',
    '{ image: x, extends: { file: ../../x.yml, service: a } }',
    '{ image: x, process: { command: run, cwd: ../.. } }',
    '{ image: x, seed: [{ run: ls, cwd: / }] }',
    '{ image: x, port: 1, seed: [{ http: /, file: ../../x }] }',
  ])('refuses paths outside the project: %s', (service) => {
    expect(refusal(() => resolveText(`services: { a: ${service} }`))).toMatch(
      /is outside the project.*PROFILE_INVALID/,
    );
  });
  test('accepts absolute bind mounts, the home folder and paths of a Compose file', () => {
    const { compose } = merged('{ image: x, volumes: ["/srv/a:/a", "~/b:/b", "C:\\\\c:/c"] }');
    expect((compose.volumes as { source: string }[]).map(({ source }) => source)).toEqual(['/srv/a', '~/b', 'C:\\c']);
    const adopted = resolveText(
      composeLayer(
        'services: { a: { build: { context: /elsewhere }, ' +
          'env_file: [{ path: /etc/x }] } }\nsecrets: { s: { file: /etc/y } }',
      ),
    );
    expect(serviceOf(adopted, 'a').compose).toMatchObject({
      build: { context: '/elsewhere' },
      env_file: [{ path: '/etc/x' }],
    });
  });
  test('ignores paths of a remote build context', () => {
    expect(merged('{ build: "https://example.com/x.git" }').compose.build).toEqual({
      context: 'https://example.com/x.git',
    });
  });
  test('finds a file with a dollar sign in its name', () => {
    const { seed } = serviceOf(
      resolveText('services: { db: { template: postgres, seed: [{ sql: "a$$b.sql" }] } }'),
      'db',
    );
    expect(seed.steps).toMatchObject([{ file: `${project}/environments/a$b.sql` }]);
  });
});
