/** The project of a reader who follows the documents: every block with `file=` written to its place. */
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { blocks, root } from './blocks.js';

/** Files that the documents assume and do not show. */
const assumed: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify({ name: 'shop', private: true, scripts: { test: 'node --test tests/shop.test.js' } }),
  'environments/base.yaml': 'services: { db: { template: postgres }, cache: { template: redis } }\n',
};

export function makeReaderProject(): string {
  const folder = mkdtempSync(join(tmpdir(), 'envctl-reader-'));
  const files = blocks.flatMap(({ document, file, text }) =>
    file === null || document === 'CONTRIBUTING.md' ? [] : [[file, text] as const],
  );
  for (const [path, text] of [...Object.entries(assumed), ...files]) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text, { flag: 'wx' });
  }
  mkdirSync(join(folder, 'node_modules/.bin'), { recursive: true });
  symlinkSync(join(root, 'bin/envctl.js'), join(folder, 'node_modules/.bin/envctl'));
  return folder;
}
