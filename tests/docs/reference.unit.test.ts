/** The generated pages of docs/reference/. `npm run docs` writes them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { loadTemplates } from '../../src/files/templates.js';
import { cliPage } from './reference/cli.js';
import { internal, variablesPage } from './reference/environment-variables.js';
import { errorsPage } from './reference/errors.js';
import { exitCodesPage } from './reference/exit-codes.js';
import { jsonOutputPage } from './reference/json-output.js';
import { profilePage } from './reference/profile.js';
import { templatesPage } from './reference/templates.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

const pages: Readonly<Record<string, () => string | Promise<string>>> = {
  'cli.md': cliPage,
  'environment-variables.md': () => variablesPage().text,
  'errors.md': errorsPage,
  'exit-codes.md': exitCodesPage,
  'json-output.md': jsonOutputPage,
  'profile.md': profilePage,
  'templates.md': async () => templatesPage([...(await loadTemplates(root)).values()]),
};

test.each(Object.entries(pages))('docs/reference/%s is up to date; `npm run docs` updates it', async (name, print) => {
  await expect(await print()).toMatchFileSnapshot(join(root, 'docs/reference', name));
});

test('docs/reference/ contains generated pages only', () => {
  expect(readdirSync(join(root, 'docs/reference')).sort()).toEqual(Object.keys(pages).sort());
});

test('docs/reference/environment-variables.md lists exactly the variables that the source reads', () => {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.ts'),
  );
  const read = files.flatMap((path) => readFileSync(join(root, 'src', path), 'utf8').match(/\bENVCTL_[A-Z_]+/g) ?? []);
  const { names } = variablesPage();
  expect([...new Set(read)].filter((name) => !internal.includes(name)).sort()).toEqual([...names].sort());
});
