/** Help, version and completion start fast because a command loads what it does only when it runs. */
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const src = fileURLToPath(new URL('../../src/', import.meta.url));

/** Files that a file loads with it: static imports, without those of types only. */
function staticImports(path: string): readonly string[] {
  const text = readFileSync(path, 'utf8');
  const statements = [...text.matchAll(/^(?:import|export)\s(?!type\b)[^;'"]*?from\s*'(\.[^']+)'/gm)];
  return statements.map((match) => join(dirname(path), match[1]?.replace(/\.js$/, '.ts') ?? ''));
}

function loadedBy(path: string, loaded = new Set<string>()): ReadonlySet<string> {
  if (loaded.has(path)) return loaded;
  loaded.add(path);
  for (const next of staticImports(path)) loadedBy(next, loaded);
  return loaded;
}

const roomsLoadedBy = (path: string): readonly string[] =>
  [...new Set([...loadedBy(join(src, path))].map((file) => relative(src, file).split('/')[0] ?? ''))].sort();

test('the program with all commands loads no application code, engine, protocol or renderer', () => {
  expect(roomsLoadedBy('cli/program.ts')).toEqual(['cli', 'connections', 'model']);
});

test('--version loads neither the program nor Commander', () => {
  expect([...loadedBy(join(src, 'cli/main.ts'))].map((file) => relative(src, file))).toEqual([
    'cli/main.ts',
    'model/errors.ts',
  ]);
});
