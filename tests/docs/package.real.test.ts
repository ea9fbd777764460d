/** The npm package as a user gets it: packed, installed in an empty project, run and imported. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CommandResult, cleanEnv, startCommand } from '../cli/command.js';
import { blocks, nameOf, root } from './blocks.js';

const project = mkdtempSync(join(tmpdir(), 'envctl-package-'));
afterAll(() => rmSync(project, { recursive: true, force: true }));

const installed = join(project, 'node_modules/envctl');
const unpackedLimit = 800_000;

interface Packed {
  readonly filename: string;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}
let packed: Packed;

const run = (...argv: readonly string[]): Promise<CommandResult> =>
  startCommand(argv, { cwd: project, env: cleanEnv({ XDG_STATE_HOME: join(project, 'state') }) }).ended;

async function succeed(...argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(...argv);
  expect(code, `${argv.join(' ')}\n${stdout}${stderr}`).toBe(0);
  return stdout;
}

beforeAll(async () => {
  const pack = ['npm', 'pack', '--json', '--ignore-scripts', '--pack-destination', project];
  const { stdout } = await startCommand(pack, { cwd: root, env: cleanEnv() }).ended;
  [packed] = JSON.parse(stdout) as [Packed];
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'empty', private: true, type: 'module' }));
  const flags = ['--prefer-offline', '--ignore-scripts', '--omit=optional', '--no-audit', '--no-fund'];
  await succeed('npm', 'install', ...flags, join(project, packed.filename));
});

test('the package contains the program, the library, templates, schema and licenses, and nothing internal', () => {
  const paths = packed.files.map(({ path }) => path);
  const known = [
    /^(?:LICENSE|README\.md|package\.json|profile\.schema\.json|bin\/envctl\.js|templates\/[a-z]+\.yaml)$/,
    /^dist\/(?:index\.d\.ts|index\.js|licenses\.txt|cli\/main\.js|mock\/main\.js|chunks\/[\w-]+\.js)$/,
  ];
  expect(paths.filter((path) => !known.some((pattern) => pattern.test(path)))).toEqual([]);
  expect(paths).toEqual(expect.arrayContaining(['dist/index.d.ts', 'dist/licenses.txt', 'templates/postgres.yaml']));
});

test(`the package is smaller than ${unpackedLimit} bytes unpacked`, () => {
  console.log(`unpacked: ${packed.unpackedSize} bytes in ${packed.files.length} files`);
  expect(packed.unpackedSize).toBeLessThan(unpackedLimit);
});

test('the installed command prints its help and reads the templates of the package', async () => {
  expect(await succeed('npx', '--no-install', 'envctl', '--help')).toContain('Usage: envctl');
  mkdirSync(join(project, 'environments'));
  writeFileSync(join(project, 'environments/shop.yaml'), 'services: { db: { template: postgres } }\n');
  expect(await succeed('npx', '--no-install', 'envctl', 'config', 'shop')).toContain('postgres:17');
  expect(existsSync(join(installed, 'profile.schema.json'))).toBe(true);
});

test('the library imports, and exports what its types declare', async () => {
  const names = await succeed(
    'node',
    '-e',
    "import('envctl').then((all) => console.log(Object.keys(all).sort().join()))",
  );
  expect(names.trim()).toBe('EnvctlError,attach,up');
});

test('a strict TypeScript project compiles against the types', async () => {
  writeFileSync(
    join(project, 'use.ts'),
    `import { attach, type Connection, type EnvEvent, EnvctlError, up, type View } from 'envctl';
export async function use(): Promise<string> {
  const seen: EnvEvent[] = [];
  const env = await up({ profile: 'shop', parameters: { workers: 2 }, onEvent: (event) => seen.push(event) });
  await using same = await attach({ profile: 'shop' });
  const connections: readonly Connection[] = same.connections;
  const view: View = env.connection('db');
  if (connections.length === 0) throw new EnvctlError('USAGE', 'There is no service', { hint: 'Add one.' });
  // @ts-expect-error: there is no such option
  await up({ profil: 'shop' });
  return view.url ?? view.host;
}
`,
  );
  await succeed(...tsc('use.ts'));
});

const examples = blocks.filter(({ document, language }) => language === 'ts' && document !== 'CONTRIBUTING.md');
test('every TypeScript example of the documents compiles', async () => {
  const modules = examples.filter(({ text }) => text.includes('import '));
  const files = modules.map((block) => {
    const file = `${nameOf(block).replaceAll(/\W+/g, '-')}.ts`;
    writeFileSync(join(project, file), block.text);
    return file;
  });
  expect(files.length).toBeGreaterThan(2);
  await succeed(...tsc(...files));
});

const tsc = (...files: readonly string[]): readonly string[] => [
  process.execPath,
  join(root, 'node_modules/typescript/bin/tsc'),
  ...['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--module', 'nodenext', '--target', 'es2022'],
  ...['--lib', 'es2022,esnext.disposable', '--types', 'node', '--typeRoots', join(root, 'node_modules/@types')],
  ...files,
];
