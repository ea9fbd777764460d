/** Adds one of each kind of extension to a copy of the repository, exactly as CONTRIBUTING.md shows, and uses them. */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CommandResult, cleanEnv, startCommand } from '../cli/command.js';
import { blocks, nameOf, root } from './blocks.js';

const copy = mkdtempSync(join(tmpdir(), 'envctl-copy-'));
const project = mkdtempSync(join(tmpdir(), 'envctl-echo-'));
afterAll(() => {
  for (const folder of [copy, project]) rmSync(folder, { recursive: true, force: true });
});

const run = (cwd: string, ...argv: readonly string[]): Promise<CommandResult> =>
  startCommand([process.execPath, ...argv], {
    cwd,
    env: cleanEnv({ XDG_STATE_HOME: join(project, 'state') }),
  }).ended;

async function succeed(cwd: string, ...argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(cwd, ...argv);
  expect(code, `${argv.join(' ')}\n${stdout}${stderr}`).toBe(0);
  return stdout;
}

const envctl = (...argv: readonly string[]): Promise<string> => succeed(project, join(copy, 'bin/envctl.js'), ...argv);

/** A diff without line numbers: its old lines must be in the file once. */
function applyDiff(text: string, diff: string, name: string): string {
  const lines = diff.trimEnd().split('\n');
  const side = (sign: string): string =>
    lines.flatMap((line) => (line.startsWith(' ') || line.startsWith(sign) ? line.slice(1) : [])).join('\n');
  expect(text.split(side('-')).length, `the context of ${name} is in the file once`).toBe(2);
  return text.replace(side('-'), () => side('+'));
}

beforeAll(() => {
  for (const path of ['src', 'bin', 'templates', 'package.json', 'tsconfig.json', 'esbuild.config.mjs'])
    cpSync(join(root, path), join(copy, path), { recursive: true });
  symlinkSync(realpathSync(join(root, 'node_modules')), join(copy, 'node_modules'));
  for (const block of blocks.filter(({ document, file }) => document === 'CONTRIBUTING.md' && file !== null)) {
    const path = join(copy, block.file ?? '');
    mkdirSync(dirname(path), { recursive: true });
    if (block.language === 'diff')
      writeFileSync(path, applyDiff(readFileSync(path, 'utf8'), block.text, nameOf(block)));
    else writeFileSync(path, block.text, { flag: 'wx' });
  }
  mkdirSync(join(project, 'environments'));
  writeFileSync(join(project, 'environments/words.txt'), 'one\ntwo\nthree\n');
  const server = "require('net').createServer((socket) => socket.pipe(socket)).listen(process.env.PORT)";
  const process = { command: ['node', '-e', server], port: 'PORT' };
  const echo = { template: 'echo', process, seed: [{ lines: 'words.txt' }], ready: ['echo', { uptime: 0 }] };
  writeFileSync(join(project, 'environments/echo.yaml'), JSON.stringify({ services: { echo } }));
});

test('a copy of the repository with one extension of each kind type-checks and builds', async () => {
  // The build type-checks, because it writes declarations.
  await succeed(copy, 'esbuild.config.mjs');
});

test('an added template, protocol, kind of seed and kind of probe bring an environment up', async () => {
  try {
    const events = await envctl('up', 'echo', '--engine', 'embedded', '--output', 'json');
    expect(events).toContain('"detail":"echo, uptime"');
    expect(events).toMatch(/"detail":"3 lines/);
  } finally {
    await envctl('down', 'echo', '--engine', 'embedded');
  }
});

test('an added kind of seed is explained like the others', async () => {
  writeFileSync(
    join(project, 'environments/wrong.yaml'),
    'services: { echo: { template: echo, seed: [{ line: a }] } }\n',
  );
  const { code, stderr } = await run(project, join(copy, 'bin/envctl.js'), 'config', 'wrong');
  expect(code).toBe(2);
  expect(stderr).toContain('"lines"');
});

test('an added command runs, and the help lists it', async () => {
  expect(await envctl('where', 'echo')).toBe(`${realpathSync(project)}\n`);
  expect(await envctl('--help')).toMatch(/where +Print the project folder of an instance/);
});

test('an added engine plans', async () => {
  expect(await envctl('plan', 'echo', '--engine', 'paper')).toMatch(/create|start/);
});
