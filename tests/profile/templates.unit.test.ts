import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadTemplates } from '../../src/files/templates.js';
import type { Service } from '../../src/model/service.js';
import { refusal, resolveText, serviceOf } from '../testing/resolving.js';

const project = mkdtempSync(join(tmpdir(), 'envctl-templates-'));
const folder = join(project, '.envctl', 'templates');
mkdirSync(folder, { recursive: true });
afterAll(() => rmSync(project, { recursive: true, force: true }));

/** The service `a`, made of a template of the project. */
async function own(text: string, service = '{ template: own }'): Promise<Service> {
  writeFileSync(join(folder, 'own.yaml'), text);
  const templates = await loadTemplates(project, ['own']);
  const written = [{ text: `services: { a: ${service} }`, path: join(project, 'environments', 'p.yaml') }];
  return serviceOf(resolveText(written, { templates, instance: { id: 'p-000000', profile: 'p', project } }), 'a');
}

async function refusedOwn(text: string): Promise<string> {
  const error: unknown = await own(text).catch((thrown: unknown) => thrown);
  return refusal(() => {
    throw error;
  });
}

const head = 'summary: Own\nkind: app\nparameters: { tag: { default: "1" }, key: { secret: true, from: [KEY] } }\n';

describe('a template of the project', () => {
  test('can use short forms, with paths relative to its folder', async () => {
    const { compose } = await own(
      `${head}service: { build: { context: .., args: ["T=\${with.tag}"] }, environment: ["KEY=\${with.key}"], ` +
        `volumes: ["./x:/x"] }`,
    );
    expect(compose).toMatchObject({
      build: { context: join(project, '.envctl'), args: { T: '1' } },
      environment: { KEY: 'generatedakey' },
      volumes: [{ type: 'bind', source: join(folder, 'x') }],
    });
  });
  test('has lower priority than the keys of the service', async () => {
    const { compose } = await own(
      `${head}service: { image: "own:\${with.tag}", environment: [A=1, B=1], command: [run] }`,
      '{ template: own, environment: { B: "2" }, command: [other] }',
    );
    expect(compose).toEqual({ image: 'own:1', environment: { A: '1', B: '2' }, command: ['other'] });
  });
  test('fills its parameters into its gate and its process', async () => {
    const { gate, process } = await own(
      `${head}service: { image: x }\nports: { main: 80 }\nready: { http: "/\${with.tag}" }\nprocess: { ` +
        `command: "run \${with.tag}", port: PORT }`,
    );
    expect(gate?.probes).toEqual([{ kind: 'protocol', protocol: 'http', port: 'main', options: { path: '/1' } }]);
    expect(process).toEqual({ kind: 'command', argv: ['run', '1'], portVariables: { main: 'PORT' }, cwd: folder });
  });
  test('keeps a single dollar sign of a parameter', async () => {
    const { compose } = await own(
      `${head}service: { image: x, environment: { T: "\${with.tag}" } }`,
      '{ template: own, with: { tag: "a$$b" } }',
    );
    expect(compose.environment).toEqual({ T: 'a$b' });
  });
  test('is refused at its position for an unknown protocol', async () => {
    expect(
      await refusedOwn('summary: Own\nkind: db\nspeaks: postgre\nservice: { image: x }\nports: { main: 1 }'),
    ).toMatch(/^3:1 .*unknown protocol "postgre" → Did you mean "postgres"\?/);
  });
  test('is refused at its position for an invalid gate', async () => {
    expect(
      await refusedOwn('summary: Own\nkind: db\nservice: { image: x }\nports: { main: 1 }\nready:\n  htp: /\n'),
    ).toMatch(/^6:3 Unknown probe "htp"/);
  });
  test('is refused at its position for an undeclared parameter', async () => {
    expect(await refusedOwn(`${head}service:\n  image: x\n  labels: { t: "\${with.tga}" }\n`)).toMatch(
      /^6:13 "\$\{with\.tga\}" refers to a parameter that this template does not have → Did you mean "tag"\?/,
    );
  });
});

describe('parameters of a template', () => {
  test.each([
    ['{ template: postgres, with: { version: 3.10 } }', 'version', '3.10'],
    ['{ template: postgres, with: { version: 15 } }', 'version', '15'],
    ['{ template: postgres, environment: { POSTGRES_USER: me } }', 'user', 'me'],
    ['{ template: postgres, with: { user: you }, environment: { POSTGRES_USER: me } }', 'user', 'you'],
    ['{ template: postgres, with: { database: "${parameters.db}" } }', 'database', 'fromParameter'],
  ])('%s sets parameter %s to %s', (service, name, value) => {
    const text = `parameters: { db: fromParameter }\nservices: { a: ${service} }`;
    expect(serviceOf(resolveText(text), 'a').parameters[name]).toBe(value);
  });
  test('cannot be references, because no address is known yet', () => {
    const text = 'services: { a: { template: postgres, with: { database: "${b.host}" } }, b: { image: x } }';
    expect(refusal(() => resolveText(text))).toMatch(/Parameter "a\.with\.database" refers to another service/);
  });
  test('can be used in the keys of the service', () => {
    expect(
      serviceOf(resolveText('services: { a: { template: postgres, labels: { db: "${with.database}" } } }'), 'a').compose
        .labels,
    ).toEqual({ db: 'app' });
    expect(
      refusal(() => resolveText('services: { a: { template: postgres, labels: { db: "${with.databse}" } } }')),
    ).toMatch(/"\$\{with\.databse\}" refers to a parameter that does not exist → Did you mean "database"\?/);
  });
  test('are refused without a template', () => {
    expect(refusal(() => resolveText('services: { a: { image: x, labels: { db: "${with.x}" } } }'))).toMatch(
      /Only services with a template have `with`/,
    );
  });
});
