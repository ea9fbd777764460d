import { expect, test } from 'vitest';
import { namedParameters, view } from '../../src/connections/view.js';
import { builtInTemplates, loadTemplates } from '../../src/files/templates.js';
import type { Json, JsonMap } from '../../src/model/json.js';
import type { Template } from '../../src/model/profile.js';
import { substitute } from '../../src/profile/references/substitute.js';
import { referencesIn } from '../../src/profile/references/template-text.js';
import { recognizeImage } from '../../src/profile/service/recognize-image.js';
import { protocols } from '../../src/protocols/registry.js';

const templates = await loadTemplates('/nowhere');
const all = [...templates.values()].map((template) => [template.name, template] as const);
const owners = new Set(['with', 'at']);
const at = { file: 'template', line: 1, column: 1 };

test('the built-in templates are found', () => {
  expect(builtInTemplates).toMatch(/\/templates\/$/);
  expect([...templates.keys()].sort()).toEqual(
    expect.arrayContaining(['mariadb', 'mockserver', 'mysql', 'postgres', 'rabbitmq', 'redis', 'valkey', 'wiremock']),
  );
});

const speaking = all.flatMap(([name, { speaks }]) => (speaks === null ? [] : [[name, speaks] as const]));
test.each(speaking)('%s speaks the known protocol %s', (_, speaks) => {
  expect(Object.keys(protocols)).toContain(speaks);
});

const imageOf = (service: JsonMap): string => String(service.image).replace('${with.version}', '1');

test.each(all.filter(([, { recognises }]) => recognises.length > 0))(
  '%s matches its own image, with the commands of a server only',
  (name, template) => {
    const image = imageOf(template.service);
    expect(recognizeImage({ image }, templates)?.name).toBe(name);
    expect(recognizeImage({ image, command: ['sh', '-c', 'true'] }, templates)).toBeUndefined();
    const nameFor = (program: string) => recognizeImage({ image, command: [program] }, templates)?.name;
    for (const program of template.serves) expect(nameFor(program)).toBe(name);
  },
);

test('no image matches two templates', () => {
  const names = all.flatMap(([, { recognises }]) => recognises);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

const referencesOf = (value: Json) =>
  referencesIn(substitute(value, { owners, env: {}, parameters: {}, with: null, position: () => at })).map(
    ({ reference }) => reference,
  );

test.each(all)('%s refers only to its own parameters', (_, template) => {
  const inService = referencesOf(template.service);
  const inTexts = referencesIn(template.connection).map(({ reference }) => reference);
  const named = [...inService, ...inTexts.filter((reference) => reference.owner === 'with')];
  expect(inService.length).toBeGreaterThan(0);
  expect(inService.every((reference) => reference.owner === 'with')).toBe(true);
  for (const { path } of named) expect(Object.keys(template.parameters)).toContain(path.join('.'));
});

test.each(all)('%s has a main port and a URL for each port', (_, template) => {
  const parameters = Object.fromEntries(Object.keys(template.parameters).map((key) => [key, `${key} /:@`]));
  const addresses = Object.fromEntries(
    Object.entries(template.ports).map(([key], index) => [key, { host: 'h', port: 1000 + index }]),
  );
  const seen = view({ connection: template.connection, parameters }, addresses, 'h');
  expect(Object.keys(template.ports)[0]).toBe('main');
  expect(URL.canParse(seen.url ?? '')).toBe(true);
  expect(seen.url).not.toMatch(/\/$/);
  expect(new URL(seen.url ?? '').host).toBe('h:1000');
  for (const { url, port } of Object.values(seen.ports)) expect(new URL(url).port).toBe(String(port));
});

const secretsOf = (template: Template): readonly string[] =>
  Object.keys(template.parameters).filter((key) => template.parameters[key]?.secret);

test.each(all.filter(([, template]) => secretsOf(template).length > 0))(
  '%s passes its secrets to the service, but not in its command',
  (_, template) => {
    const namesIn = (value: Json): readonly string[] => referencesOf(value).map(({ path }) => path.join('.'));
    const { command = '', entrypoint = '', ...others } = template.service;
    const secrets = secretsOf(template);
    expect(namesIn(others)).toEqual(expect.arrayContaining([...secrets]));
    expect(namesIn([command, entrypoint]).filter((name) => secrets.includes(name))).toEqual([]);
  },
);

test.each(all.filter(([, { connection }]) => namedParameters(connection).length > 0))(
  '%s can read each parameter of its connection from an adopted image',
  (_, template) => {
    for (const key of namedParameters(template.connection)) {
      const parameter = template.parameters[key];
      expect(parameter?.from.length).toBeGreaterThan(0);
      expect(parameter?.secret || parameter?.absent !== null).toBe(true);
    }
  },
);
