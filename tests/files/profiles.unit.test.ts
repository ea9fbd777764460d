import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { loadProfile } from '../../src/files/load-profile.js';
import { listProfiles } from '../../src/files/project.js';
import { profileJsonSchema } from '../../src/files/schema.js';
import { loadTemplates } from '../../src/files/templates.js';
import { resolveLayers } from '../testing/environments.js';

const root = fileURLToPath(new URL('../../', import.meta.url)).replace(/\/$/, '');
const templates = await loadTemplates(root);
const profiles = listProfiles(root);

test('environments/ has the profiles quickstart and shop', () => {
  expect(profiles.map(({ name }) => name)).toEqual(expect.arrayContaining(['quickstart', 'shop']));
});

test.each(profiles)('the profile $name in environments/ resolves', async ({ name }) => {
  const layers = await loadProfile(name, {
    project: root,
    env: {},
    readCompose: () => Promise.reject(new Error('no Compose file is included')),
    signal: new AbortController().signal,
  });
  const instance = { id: `${name}-000000`, profile: name, project: root };
  expect(resolveLayers(layers, { templates, instance }).services.length).toBeGreaterThan(1);
});

test('profile.schema.json is generated from the current schema', () => {
  expect(JSON.parse(readFileSync(`${root}/profile.schema.json`, 'utf8'))).toEqual(profileJsonSchema());
});
