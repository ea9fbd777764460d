/** The instance and the services a command line selects with Compose files from `-f` or ENVCTL_FILE. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { type CommandResult, cleanEnv, envctl } from './command.js';

const folder = mkdtempSync(join(tmpdir(), 'envctl-files-'));
mkdirSync(join(folder, 'environments'));
writeFileSync(join(folder, 'environments/other.yaml'), 'services: { x: { image: debian } }\n');
writeFileSync(join(folder, 'compose.yml'), 'services: { a: { image: debian }, b: { image: debian } }\n');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (argv: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<CommandResult> =>
  envctl(argv, {
    cwd: folder,
    env: cleanEnv({ XDG_STATE_HOME: join(folder, 'state'), ...more }),
    timeoutMs: 20_000,
  });
const planned = async (
  argv: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> => {
  const { code, stdout, stderr } = await run(['plan', '--engine', 'compose', '--output', 'json', ...argv], more);
  expect(code, stderr).toBe(0);
  const { nodes } = JSON.parse(stdout) as {
    readonly nodes: readonly { readonly step: string; readonly service: string }[];
  };
  return nodes.filter(({ step }) => step === 'start').map(({ service }) => service);
};

test('arguments after -f are services, because the file is the profile', async () => {
  expect(await planned(['-f', 'compose.yml'])).toEqual(['a', 'b']);
  expect(await planned(['-f', 'compose.yml', 'b'])).toEqual(['b']);
  const unknown = await run(['plan', '-f', 'compose.yml', 'c']);
  expect(unknown.code).toBe(2);
  expect(unknown.stderr).toContain('no service "c"');
});

test('ENVCTL_FILE applies if no profile is named', async () => {
  expect(await planned([], { ENVCTL_FILE: 'compose.yml' })).toEqual(['a', 'b']);
  expect(await planned(['other'], { ENVCTL_FILE: 'compose.yml' })).toEqual(['x']);
});

test('without -f an override file is merged, as Compose does', async () => {
  const beside = mkdtempSync(join(tmpdir(), 'envctl-beside-'));
  onTestFinished(() => rmSync(beside, { recursive: true, force: true }));
  writeFileSync(join(beside, 'compose.yml'), 'services: { a: { image: debian, environment: { A: one, B: one } } }\n');
  writeFileSync(join(beside, 'compose.override.yml'), 'services: { a: { environment: { B: two } } }\n');
  const config = (argv: readonly string[]): Promise<CommandResult> =>
    envctl(['config', ...argv], {
      cwd: beside,
      env: cleanEnv({ XDG_STATE_HOME: join(folder, 'state') }),
      timeoutMs: 20_000,
    });
  expect((await config([])).stdout).toMatch(/A: one\s+B: two/);
  expect((await config(['-f', 'compose.yml'])).stdout).toMatch(/A: one\s+B: one/);
});

test.each(['down', 'status', 'env'])('%s refuses a profile together with -f', async (command) => {
  const { code, stderr } = await run([command, 'other', '-f', 'compose.yml']);
  expect(code).toBe(2);
  expect(stderr).toMatch(
    new RegExp(
      `Give either the profile "other" or files with .*not both[^]*→ Run \`envctl ${command} -f compose.yml\``,
    ),
  );
});

test.each(['exec', 'port'])('%s needs a service, also with -f', async (command) => {
  const { code, stderr } = await run([command, '-f', 'compose.yml']);
  expect(code).toBe(2);
  expect(stderr).toMatch(/Missing required argument "profile"|needs a service/);
});

test('an empty variable counts as unset', async () => {
  const nothing = {
    ENVCTL_ENGINE: '',
    ENVCTL_TIMEOUT: '',
    ENVCTL_STORAGE: '',
    ENVCTL_FILE: '',
    ENVCTL_KEEP: '',
    ENVCTL_INSTANCE: '',
  };
  expect(await planned(['other'], nothing)).toEqual(['x']);
});
