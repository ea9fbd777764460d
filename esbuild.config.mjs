/**
 * Puts dist/ together from src/ and the packages that are devDependencies (zod): few files, because 250 small ones cost every command 60 of
 * 300 ms. What package.json calls a dependency stays outside. Declarations come from tsc.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

const { dependencies, optionalDependencies, peerDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));

/** All lie two folders below the package's root: code that looks for templates/ or mock/ from where it stands finds them. */
const entryPoints = {
  'cli/main': 'src/cli/main.ts',
  'library/index': 'src/index.ts',
  'mock/main': 'src/engines/embedded/mock/main.ts',
};

rmSync('dist', { recursive: true, force: true });
const { metafile } = await build({
  entryPoints,
  outdir: 'dist',
  chunkNames: 'chunks/[name]-[hash]',
  external: Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies }),
  bundle: true,
  splitting: true,
  minify: true,
  keepNames: true,
  sourcemap: 'linked',
  sourcesContent: false,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  metafile: true,
});

/** Their licenses ask to be told wherever their text goes. */
const bundled = new Set(
  Object.keys(metafile.inputs).flatMap((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []),
);
const licenses = [...bundled].map((name) => {
  const folder = `node_modules/${name}`;
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  if (!file) throw new Error(`${name} has no license file`);
  return `${name}\n\n${readFileSync(`${folder}/${file}`, 'utf8').trim()}\n`;
});
writeFileSync('dist/licenses.txt', licenses.join('\n\n'));
