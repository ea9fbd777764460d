import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { formatConnection } from '../../src/connections/recorded-texts.js';
import { composeServiceKeys } from '../../src/files/compose-keys.js';
import { loadProfile } from '../../src/files/load-profile.js';
import { listProfiles } from '../../src/files/project.js';
import { profileJsonSchema } from '../../src/files/schema.js';
import { ownServiceKeys } from '../../src/files/service-schema.js';
import { loadTemplates } from '../../src/files/templates.js';
import { resolveEnvironment } from '../../src/profile/resolve.js';
import { loadProtocol, protocols } from '../../src/protocols/registry.js';

const root = fileURLToPath(new URL('../../', import.meta.url)).replace(/\/$/, '');
const templates = await loadTemplates(root);
const profiles = listProfiles(root);

test.each(profiles)('the profile $name of this repository resolves', async ({ name }) => {
  const layers = await loadProfile(name, {
    project: root,
    env: {},
    readCompose: () => Promise.reject(new Error('no Compose file is included')),
    signal: new AbortController().signal,
  });
  const environment = resolveEnvironment({
    layers,
    templates,
    protocols,
    composeKeys: composeServiceKeys,
    serviceKeys: [...Object.keys(ownServiceKeys), ...composeServiceKeys],
    instance: { id: `${name}-000000`, profile: name, project: root },
    set: {},
    env: {},
    secret: () => 'secret-secret',
    readText: () => null,
    selection: { only: [], without: [], composeProfiles: [] },
    storage: 'memory',
    fixedPorts: false,
    runs: ['container'],
  });
  expect(environment.services.length).toBeGreaterThan(1);
});

const speaking = [...templates.values()].flatMap(({ name, speaks }) => (speaks === null ? [] : [{ name, speaks }]));
test.each(speaking)('the template $name speaks a protocol that exists', async ({ speaks }) => {
  expect((await loadProtocol(speaks)).name).toBe(speaks);
});

describe.each([...templates.values()])('the template $name', (template) => {
  test('refers only to its own parameters', () => {
    const text = JSON.stringify([template.service, formatConnection(template.connection)]);
    const named = [...text.matchAll(/\$\{with\.([a-z_]+)\}/g)].map((match) => match[1] ?? '');
    expect(Object.keys(template.parameters)).toEqual(expect.arrayContaining(named));
  });
  test('has a main port and a connection', () => {
    expect(template.ports.main).toBeGreaterThan(0);
    expect(formatConnection(template.connection).url).toContain('${at.host}:${at.port}');
  });
});

test('profile.schema.json is up to date: npm run schema', () => {
  expect(JSON.parse(readFileSync(`${root}/profile.schema.json`, 'utf8'))).toEqual(profileJsonSchema());
});
