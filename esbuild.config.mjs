/**
 * Builds dist/: the command, the library and the embedded mock server, each bundled with esbuild, and one declaration file
 * for the library. Bundled because loading 250 small modules costs every command 60 of 300 ms. Packages that package.json
 * lists as dependencies stay external, except execa; devDependencies that `src/` imports (zod) are bundled.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';
import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';

/** Bundled although a dependency: execa's 106 files take 95 ms to import from node_modules, 22 ms from one file. */
const bundledDependencies = ['execa'];

const { dependencies, optionalDependencies, peerDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));

rmSync('dist', { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: {
    index: 'src/index.ts',
    'cli/main': 'src/cli/main.ts',
    'mock/main': 'src/engines/embedded/mock/main.ts',
  },
  outdir: 'dist',
  chunkNames: 'chunks/[name]-[hash]',
  external: Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies }).filter(
    (name) => !bundledDependencies.includes(name),
  ),
  /** execa depends on CommonJS modules, which require Node's own. */
  banner: { js: 'const require = process.getBuiltinModule;' },
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
requireTwoLevels('dist/index.js');
writeLicenses('dist/licenses.txt');
await writeDeclarations('dist/index.d.ts');

/** Code that finds templates/ or mock/ relative to `import.meta.url` works two folders below the package root only. */
function requireTwoLevels(file) {
  if (readFileSync(file, 'utf8').includes('import.meta.url')) throw new Error(`${file} must not use import.meta.url`);
}

/** The licenses of bundled packages require their text to be distributed with the code. */
function writeLicenses(file) {
  const bundled = new Set(
    Object.keys(metafile.inputs).flatMap((path) => /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []),
  );
  const licenses = [...bundled].map((name) => {
    const folder = `node_modules/${name}`;
    const license = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    if (!license) throw new Error(`${name} has no license file`);
    return `${name}\n\n${readFileSync(`${folder}/${license}`, 'utf8').trim()}\n`;
  });
  writeFileSync(file, licenses.join('\n\n'));
}

/** One file with the public types only; declarations of internal modules are not published. */
async function writeDeclarations(file) {
  const folder = 'dist/declarations';
  execFileSync(
    process.execPath,
    ['node_modules/typescript/bin/tsc', ...['-p', '.', '--emitDeclarationOnly', '--outDir', folder]],
    { stdio: 'inherit' },
  );
  const bundle = await rollup({ input: `${folder}/index.d.ts`, plugins: [dts()] });
  await bundle.write({ file });
  rmSync(folder, { recursive: true });
}
