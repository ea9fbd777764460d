import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type LoadOptions, loadCompose, loadProfile } from '../../src/files/load-profile.js';
import { realPath } from '../../src/files/real-path.js';
import { loadTemplates } from '../../src/files/templates.js';
import { openComposeFile, parseComposeOutput } from '../../src/files/yaml/compose-source.js';
import { parseDocument } from '../../src/files/yaml/document.js';
import type { ReadCompose } from '../../src/model/compose-reader.js';
import type { Document, Layer } from '../../src/model/profile.js';
import { refusal } from '../testing/resolving.js';

const root = mkdtempSync(join(tmpdir(), 'envctl-loading-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A new project with files by path. */
function projectOf(files: Readonly<Record<string, string>>): string {
  const project = mkdtempSync(join(root, 'p-'));
  mkdirSync(join(project, 'environments'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(project, path)), { recursive: true });
    writeFileSync(join(project, path), text);
  }
  return project;
}

const asWritten: ReadCompose = async ({ files }) => (await openComposeFile(files[0] ?? '')).document;
const load = (project: string, name: string, options: Partial<LoadOptions> = {}): Promise<readonly Layer[]> =>
  loadProfile(name, {
    project,
    env: {},
    readCompose: asWritten,
    signal: new AbortController().signal,
    ...options,
  });

const names = (layers: readonly Layer[]): readonly string[] =>
  layers.map(({ kind, document }) => `${kind} ${String(document.value.summary ?? '')}`);
const service = 'services: { a: { image: x } }';

async function refused(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.catch((thrown: unknown) => thrown);
  return refusal(() => {
    throw error;
  });
}

describe('the layers of a profile', () => {
  test('layers are ordered from included files and bases to the profile and its local override', async () => {
    const project = projectOf({
      'docker-compose.yml': 'services: { c: { image: x } }',
      'environments/one.yaml': 'summary: one',
      'environments/two/profile.yml': 'summary: two\nextends: one',
      'environments/shop.yaml': `summary: shop\nextends: [one, two]\ninclude: ../docker-compose.yml\n${service}`,
      'environments/shop.local.yaml': 'summary: local',
    });
    expect(names(await load(project, 'shop'))).toEqual([
      'compose ',
      'profile one',
      'profile two',
      'profile shop',
      'local local',
    ]);
    expect(names(await load(project, 'two'))).toEqual(['profile one', 'profile two']);
  });
  test('a base that two profiles share is one layer below both', async () => {
    const project = projectOf({
      'environments/base.yaml': 'summary: base',
      'environments/a.yaml': 'summary: a\nextends: base',
      'environments/b.yaml': 'summary: b\nextends: base',
      'environments/shop.yaml': `summary: shop\nextends: [a, b]\n${service}`,
    });
    expect(names(await load(project, 'shop'))).toEqual(['profile base', 'profile a', 'profile b', 'profile shop']);
  });
  test('the local override is ignored if CI is set', async () => {
    const project = projectOf({
      'environments/shop/profile.yaml': service,
      'environments/shop/profile.local.yaml': 'summary: local',
    });
    expect(names(await load(project, 'shop'))).toEqual(['profile ', 'local local']);
    expect(names(await load(project, 'shop', { env: { CI: 'true' } }))).toEqual(['profile ']);
  });
  test('profiles cannot extend each other or a missing profile', async () => {
    const project = projectOf({
      'environments/a.yaml': 'summary: a\nextends:\n  - b\n',
      'environments/b.yaml': 'extends: [c]',
      'environments/c.yaml': 'extends: a',
      'environments/self.yaml': 'extends: self',
      'environments/typo.yaml': 'extends: [b, selv]',
      'environments/selv.local.yaml': 'summary: no profile',
    });
    expect(await refused(load(project, 'a'))).toMatch(/Profiles extend each other: a → b → c → a.*CYCLE 2/);
    expect(await refused(load(project, 'self'))).toMatch(/^1:1 Profiles extend each other: self → self/);
    const missing = projectOf({
      'environments/self.yaml': 'summary: x',
      'environments/typo.yaml': 'extends:\n  - self\n  - selv\n',
    });
    expect(await refused(load(missing, 'typo'))).toMatch(
      /^3:5 There is no profile "selv".*Did you mean "self"\?.*PROFILE_UNKNOWN 2/,
    );
  });
  test('a local override cannot extend', async () => {
    const project = projectOf({
      'environments/shop.yaml': service,
      'environments/shop.local.yaml': 'summary: x\nextends: shop',
    });
    expect(await refused(load(project, 'shop'))).toMatch(/^2:1 A local override cannot extend/);
  });
});

test('a real path follows links as far as the path exists', () => {
  const project = projectOf({ 'app/file': '' });
  symlinkSync('/etc', join(project, 'out'));
  symlinkSync(join(project, 'app'), join(project, 'in'));
  expect([
    realPath(join(project, 'out/hosts')),
    realPath(join(project, 'out/none/deep')),
    realPath(join(project, 'in/new')),
  ]).toEqual(['/etc/hosts', '/etc/none/deep', join(realPath(project), 'app/new')]);
});

describe('an included file', () => {
  test.each(['/etc/hosts', '../../outside.yml', 'https://example.com/compose.yml', 'git@example.com:a/b.git'])(
    'include of %s is refused',
    async (file) => {
      const project = projectOf({ 'environments/shop.yaml': `include:\n  - ${file}\n${service}` });
      expect(await refused(load(project, 'shop'))).toMatch(/^2:5 .*is outside of the project.*PROFILE_INVALID/);
    },
  );
  test('an included link to a file outside of the project is refused', async () => {
    const project = projectOf({ 'environments/shop.yaml': `include: linked.yml\n${service}` });
    symlinkSync('/etc/hosts', join(project, 'environments/linked.yml'));
    expect(await refused(load(project, 'shop'))).toMatch(/is a link to a file outside of the project/);
  });
  test('a missing included file is refused', async () => {
    const project = projectOf({ 'environments/shop.yaml': `include: [nope.yml]\n${service}` });
    expect(await refused(load(project, 'shop'))).toMatch(/nope\.yml does not exist.*PROFILE_UNKNOWN/);
  });
});

describe('a Compose file among the profiles', () => {
  const text = `x-anchors: &env { A: "1" }
x-envctl:
  exports: { DB: "$\${db.url}" }
services:
  db:
    image: postgres
    environment: *env
    x-envctl:
      environment: { B: "$\${db.host}", C: "a$$$$b" }
      seed: [{ sql: a.sql }]
`;
  test('keys of x-envctl become profile keys, in profile notation', async () => {
    const [layer] = await load(projectOf({ 'environments/shop.yaml': text }), 'shop');
    expect(layer?.document.value).toMatchObject({
      exports: { DB: '${db.url}' },
      services: { db: { environment: { A: '1', B: '${db.host}', C: 'a$$b' }, seed: [{ sql: 'a.sql' }] } },
    });
  });
  test('keys of x-envctl keep their positions', async () => {
    const [layer] = await load(projectOf({ 'environments/shop.yaml': text }), 'shop');
    const line = (path: readonly (string | number)[]) => layer?.document.position(path).line;
    expect([line(['exports', 'DB']), line(['services', 'db', 'image']), line(['services', 'db', 'seed', 0])]).toEqual([
      3, 6, 10,
    ]);
  });
  test('keys of x-envctl are checked', async () => {
    const project = projectOf({ 'environments/shop.yaml': text.replace('seed:', 'sead:') });
    expect(await refused(load(project, 'shop'))).toMatch(
      /^10:7 Service "db" has an unknown key "sead" → Did you mean "seed"\?/,
    );
  });
});

describe('the output of Compose', () => {
  const compose = (text: string): Promise<readonly Layer[]> => {
    const document: Document = parseDocument('/p/compose.yml', text).document;
    return loadCompose(['/p/compose.yml'], {
      project: '/p',
      env: {},
      readCompose: async () => document,
      signal: new AbortController().signal,
    });
  };
  test('keys that Compose has checked are accepted', async () => {
    expect(
      (
        await compose('name: x\nmodels: {}\nx-y: 1\nservices: { a: { image: x, ports: [{ target: 1 }], tomorrow: 1 } }')
      )[0]?.kind,
    ).toBe('compose');
  });
  test.each([
    ['services: { a: { image: x, raedy: healthy } }', /unknown key "raedy" → Did you mean "ready"/],
    ['services: { a: { image: x, ports: { main: x } } }', /Invalid value for "main": "x" → Expected a port/],
    ['services: { a: { image: x, seed: 5 } }', /Invalid value for "seed": "5"/],
    ['export: { A: b }\nservices: { a: { image: x } }', /Unknown key "export" → Did you mean "exports"/],
  ])('checks envctl keys in %s', async (text, message) => {
    expect(await refused(compose(text))).toMatch(message);
  });
});

describe('the Compose file that Compose gets', () => {
  const stripped = async (text: string): Promise<string> =>
    (await openComposeFile(join(projectOf({ 'c.yml': text }), 'c.yml'))).stripped;
  test('it has no depends_on and no x-envctl, and everything else unchanged', async () => {
    const text = await stripped(`x-envctl: { exports: {} }
services:
  a: { image: x, depends_on: [b], x-envctl: { ready: healthy }, mode: 0440, on: yes, cpus: 1.50,
    big: 12345678901234567890 }
  b: { image: y, environment: { depends_on: text, E: 1e3 }, labels: [depends_on=x] }
`);
    expect(text).not.toMatch(/x-envctl|depends_on: \[/);
    for (const kept of [
      'mode: 0440',
      'cpus: 1.50',
      'big: 12345678901234567890',
      'on: yes',
      'depends_on: text',
      'E: 1e3',
      'depends_on=x',
    ])
      expect(text).toContain(kept);
  });
  test('it has no depends_on from an alias or a merge key', async () => {
    const text = await stripped(`x-base: &base { image: x, depends_on: [b] }
services:
  a: { <<: *base }
  b: { image: y }
  c: { image: z, depends_on: &deps [b] }
  d: { image: z, depends_on: *deps }
`);
    expect(text).not.toContain('depends_on');
    expect(parseComposeOutput(text)).toMatchObject({ services: { a: { image: 'x' } } });
  });
  test('it keeps the target of an alias if the anchor was removed', async () => {
    const text = await stripped(
      'services:\n  a: { image: x, depends_on: &list [b] }\n  b: { image: y, command: *list, x-more: *list }\n',
    );
    expect(parseComposeOutput(text)).toMatchObject({ services: { b: { command: ['b'], 'x-more': ['b'] } } });
  });
  test('the document keeps the positions of removed keys', async () => {
    const { document } = await openComposeFile(
      join(projectOf({ 'c.yml': 'services:\n  a:\n    image: x\n    depends_on:\n      - b\n' }), 'c.yml'),
    );
    expect(document.position(['services', 'a', 'depends_on', 0])).toMatchObject({ line: 5, column: 9 });
  });
});

describe('templates', () => {
  const own =
    'summary: Ours\nkind: db\nspeaks: postgres\nrecognises: [postgres]\n' +
    'serves: [postgres]\nservice: { image: ours }\nports: { main: 5432 }\n';
  test('templates of the project win by name and by the image they recognize', async () => {
    const project = projectOf({ '.envctl/templates/redis.yaml': own, '.envctl/templates/zz.yml': own });
    const templates = await loadTemplates(project);
    expect(templates.get('redis')?.summary).toBe('Ours');
    expect([...templates.values()].find(({ recognises }) => recognises.includes('postgres'))?.summary).toBe('Ours');
    expect([...templates.keys()].filter((name) => name === 'redis')).toEqual(['redis']);
  });
  test('only the wanted templates are read, unless one does not exist', async () => {
    const project = projectOf({ '.envctl/templates/broken.yaml': 'summary: [' });
    expect([...(await loadTemplates(project, ['postgres'])).keys()]).toEqual(['postgres']);
    await expect(loadTemplates(project, ['postgres', 'nope'])).rejects.toMatchObject({ code: 'PROFILE_INVALID' });
  });
  test.each([
    ['summary: x\nkind: db\nservice: { image: x }\nsevres: [a]\n', /^4:1 Unknown key "sevres" → Did you mean "serves"/],
    ['kind: db\nservice: { image: x }\n', /Missing key "summary"/],
    ['summary: x\nkind: db\nservice: { image: x }\nports: { main: 0 }\n', /^4:10 Invalid value for "main": "0"/],
    [
      'summary: x\nkind: db\nservice: { image: x }\nconnection:\n  url: "db://${with.user}@${at.host}"\n',
      /^5:3 "\$\{with\.user\}" refers to a parameter that this template does not have/,
    ],
  ])('refuses the template %s', async (text, message) => {
    expect(await refused(loadTemplates(projectOf({ '.envctl/templates/own.yaml': text })))).toMatch(message);
  });
});
