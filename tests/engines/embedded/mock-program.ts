/** Compiles the mock server from source, so these tests need no build. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const source = fileURLToPath(new URL('../../../src/engines/embedded/mock/main.ts', import.meta.url));

/** Returns the file to run. */
export function compileMock(folder: string): string {
  const outfile = join(folder, 'main.mjs');
  buildSync({ entryPoints: [source], outfile, bundle: true, packages: 'external', format: 'esm', platform: 'node' });
  return outfile;
}
