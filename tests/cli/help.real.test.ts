/** What envctl says of itself: version, help, completion, schema. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { begin, type Ended, envctl, plainEnvironment, program, root } from './command.js';

const folder = mkdtempSync(join(tmpdir(), 'envctl-help-'));
mkdirSync(join(folder, 'environments', 'shop'), { recursive: true });
writeFileSync(
  join(folder, 'environments', 'shop', 'profile.yaml'),
  'summary: A shop\nservices: { a: { image: debian } }\n',
);
writeFileSync(join(folder, 'environments', 'small.yaml'), 'services: { a: { image: debian } }\n');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...argv: readonly string[]): Promise<Ended> =>
  envctl(argv, { cwd: folder, env: plainEnvironment({ XDG_STATE_HOME: join(folder, 'state') }), timeoutMs: 20_000 });

const commands = ['up', 'down', 'run', 'plan', 'status', 'ls', 'env', 'logs', 'exec', 'config', 'schema', 'completion'];

test('--version is the package’s, and nothing else', async () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  for (const flag of ['--version', '-V'])
    expect(await run(flag)).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
});

test('--help names every command and shows how to begin, on stdout', async () => {
  const { code, stdout, stderr } = await run('--help');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  for (const command of commands) expect(stdout).toMatch(new RegExp(`^ {2}${command}\\b`, 'm'));
  expect(stdout).toMatch(/Examples:[\s\S]*envctl up shop/);
});

test('a bare envctl shows the help and is exit 2', async () => {
  const { code, stdout, stderr } = await run();
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('Usage: envctl');
  expect(stderr).toContain('Examples:');
});

test.each(['up', 'down', 'run', 'env', 'exec'])(
  '%s --help has examples that begin with the command itself',
  async (command) => {
    const { code, stdout } = await run(command, '--help');
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`Examples:[\\s\\S]*envctl ${command} `));
  },
);

test.each(commands)('%s --help says what it does and lists its options', async (command) => {
  const { code, stdout, stderr } = await run(command, '--help');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(new RegExp(`^Usage: envctl ${command}`));
  expect(stdout).toContain('Options:');
});

test.each(['up', 'run', 'down'])('every flag of %s has an environment variable of its own name', async (command) => {
  const { stdout } = await run(command, '--help');
  const [told = ''] = stdout.replaceAll(/\n {10,}/g, ' ').split('Examples:');
  const flags = [...told.matchAll(/^ .*?--([a-z-]+)/gm)].map(([, name]) => name).filter((name) => name !== 'help');
  const mirrored = [...told.matchAll(/--([a-z-]+).*env: (ENVCTL_[A-Z_]+)/g)];
  expect(mirrored.map(([, name]) => name)).toEqual(flags);
  for (const [, flag = '', variable] of mirrored)
    expect(variable).toBe(flag === 'set' ? 'ENVCTL_PARAM_' : `ENVCTL_${flag.toUpperCase().replaceAll('-', '_')}`);
});

test('schema is what the package publishes', async () => {
  const { code, stdout } = await run('schema');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    $schema: expect.stringContaining('draft-07'),
    definitions: { profile: { properties: { services: expect.anything(), exports: expect.anything() } } },
  });
  expect(stdout).toBe(readFileSync(join(root, 'profile.schema.json'), 'utf8'));
});

test.each(['bash', 'zsh', 'fish', 'powershell'])(
  'completion %s prints a script that calls envctl back',
  async (shell) => {
    const { code, stdout, stderr } = await run('completion', shell);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('envctl');
  },
);

test('a shell that does not exist is refused', async () => {
  const { code, stderr } = await run('completion', 'csh');
  expect(code).toBe(2);
  expect(stderr).toMatch(/bash.*zsh|csh/);
});

/** What the bash-completion package, which the script builds on, does with a line without quotes. */
const bashCompletion =
  '_get_comp_words_by_ref() { cur=${COMP_WORDS[COMP_CWORD]}; prev=${COMP_WORDS[COMP_CWORD-1]}; words=("${COMP_WORDS[@]}"); cword=$COMP_CWORD; }';

test('the bash script is valid, and completes commands, options and the profiles of the project', async () => {
  const { stdout } = await run('completion', 'bash');
  const script = join(folder, 'completion.bash');
  writeFileSync(script, stdout);
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'envctl'), `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`, { mode: 0o755 });
  const complete = (line: string): Promise<Ended> => {
    const words = line.split(' ');
    const ask = `${bashCompletion}; source ${script}; COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; COMP_LINE='${line}'; COMP_POINT=${line.length}; $(complete -p envctl | sed 's/.*-F \\([^ ]*\\).*/\\1/'); printf '%s\\n' "\${COMPREPLY[@]}"`;
    return begin(['bash', '-c', ask], {
      cwd: folder,
      env: plainEnvironment({ PATH: `${bin}:${process.env.PATH}` }),
      timeoutMs: 20_000,
    }).ended;
  };
  expect((await begin(['bash', '-n', script], { cwd: folder, env: plainEnvironment() }).ended).code).toBe(0);
  expect((await complete('envctl st')).stdout).toMatch(/^status/m);
  expect((await complete('envctl up s')).stdout).toMatch(/^shop[\s\S]*^small/m);
  expect((await complete('envctl up --eng')).stdout).toMatch(/^--engine/m);
});

test('ls --profiles lists what could be brought up here', async () => {
  const { code, stdout } = await run('ls', '--profiles');
  expect(code).toBe(0);
  expect(stdout).toMatch(/shop +A shop/);
  const json = await run('ls', '--profiles', '--output', 'json');
  expect(JSON.parse(json.stdout)).toMatchObject({
    version: 1,
    profiles: [{ name: 'shop', summary: 'A shop' }, { name: 'small' }],
  });
});

test('config shows what a profile means, as YAML and as JSON', async () => {
  const yaml = await run('config', 'small');
  expect(yaml.code).toBe(0);
  expect(yaml.stdout).toContain('profile: small');
  const json = await run('config', 'small', '--output', 'json');
  expect(JSON.parse(json.stdout)).toMatchObject({
    version: 1,
    profile: 'small',
    services: [{ name: 'a', compose: { image: 'debian' } }],
  });
  expect(await run('config', 'small', '--quiet')).toMatchObject({ code: 0, stdout: '', stderr: '' });
});
