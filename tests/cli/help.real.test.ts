/** Version, help, completion and schema. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { commands } from '../../src/cli/program.js';
import { type CommandResult, cleanEnv, envctl, program, root, startCommand } from './command.js';

const folder = mkdtempSync(join(tmpdir(), 'envctl-help-'));
mkdirSync(join(folder, 'environments', 'shop'), { recursive: true });
writeFileSync(
  join(folder, 'environments', 'shop', 'profile.yaml'),
  'summary: A shop\nservices: { a: { image: debian } }\n',
);
writeFileSync(join(folder, 'environments', 'small.yaml'), 'services: { a: { image: debian } }\n');
// None of these is a profile.
writeFileSync(join(folder, 'environments', 'shop.local.yaml'), 'services: { a: { image: alpine } }\n');
mkdirSync(join(folder, 'environments', 'seeds'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...argv: readonly string[]): Promise<CommandResult> =>
  envctl(argv, { cwd: folder, env: cleanEnv({ XDG_STATE_HOME: join(folder, 'state') }), timeoutMs: 20_000 });

const names = commands.map(({ name }) => name);

test('--version prints only the version of the package', async () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  for (const flag of ['--version', '-V'])
    expect(await run(flag)).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
});

test('--help lists every command with its summary, and examples, on stdout', async () => {
  const { code, stdout, stderr } = await run('--help');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const text = stdout.replaceAll(/\s+/g, ' ');
  for (const { name, summary } of commands) expect(text).toContain(` ${name} ${summary}`);
  expect(stdout).toMatch(/^Examples:\n {2}envctl up shop/m);
});

test('envctl without arguments prints the help to stderr and exits with 2', async () => {
  const { code, stdout, stderr } = await run();
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('Usage: envctl');
  expect(stderr).toContain('Examples:');
});

test.each(names)('%s --help shows the usage, a summary, the options first, and examples', async (name) => {
  const { summary, examples = [] } = commands.find((command) => command.name === name) ?? { summary: '?' };
  const { code, stdout, stderr } = await run(name, '--help');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const [usage, description, options] = stdout.split('\n\n');
  expect(usage).toMatch(new RegExp(`^Usage: envctl ${name}`));
  expect(description?.replaceAll('\n', ' ')).toBe(summary);
  expect(options).toMatch(/^Options:\n[\s\S]*--help/);
  for (const [line] of examples) expect(stdout).toContain(`  ${line}`);
});

test('summaries and option descriptions start with a capital letter and have no full stop', () => {
  const descriptions = commands.flatMap(({ summary, options }) => [
    summary,
    ...Object.values(options).flatMap((option) => option.build().map(({ description }) => description)),
  ]);
  expect(descriptions.length).toBeGreaterThan(100);
  expect(descriptions.filter((text) => !/^[A-Z].*[^.]$/.test(text))).toEqual([]);
});

test.each(['up', 'run', 'down'])('every flag of %s has an environment variable of its own name', async (command) => {
  const { stdout } = await run(command, '--help');
  const [text = ''] = stdout.replaceAll(/\n {10,}/g, ' ').split('Examples:');
  const flags = [...text.matchAll(/^ .*?--([a-z-]+)/gm)].map(([, name]) => name).filter((name) => name !== 'help');
  const mirrored = [...text.matchAll(/--([a-z-]+).*env: (ENVCTL_[A-Z_]+)/g)];
  expect(mirrored.map(([, name]) => name)).toEqual(flags);
  for (const [, flag = '', variable] of mirrored)
    expect(variable).toBe(flag === 'set' ? 'ENVCTL_PARAM_' : `ENVCTL_${flag.toUpperCase().replaceAll('-', '_')}`);
});

test('schema prints profile.schema.json', async () => {
  const { code, stdout } = await run('schema');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    $schema: expect.stringContaining('draft-07'),
    definitions: { profile: { properties: { services: expect.anything(), exports: expect.anything() } } },
  });
  expect(stdout).toBe(readFileSync(join(root, 'profile.schema.json'), 'utf8'));
});

test.each(['bash', 'zsh', 'fish', 'powershell'])('completion %s prints a script that calls envctl', async (shell) => {
  const { code, stdout, stderr } = await run('completion', shell);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('envctl');
});

test('completion refuses an unknown shell and suggests a known one', async () => {
  const { code, stdout, stderr } = await run('completion', 'zhs');
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toBe('✖ No completion for shell "zhs" (USAGE)\n→ Did you mean "zsh"?\n');
});

test('completion of a profile offers exactly the profiles that `ls --profiles` lists', async () => {
  const listed = JSON.parse((await run('ls', '--profiles', '--output', 'json')).stdout) as {
    readonly profiles: readonly { readonly name: string }[];
  };
  const { stdout } = await run('complete', '--', 'up', '');
  const offered = stdout.split('\n').flatMap((line) => /^(.+)\tprofile$/.exec(line)?.[1] ?? []);
  expect(offered).toEqual(['shop', 'small']);
  expect(offered).toEqual(listed.profiles.map(({ name }) => name));
});

/** The function of the bash-completion package that the script needs, for a line without quotes. */
const bashCompletion = `
_get_comp_words_by_ref() {
  cur=\${COMP_WORDS[COMP_CWORD]}
  prev=\${COMP_WORDS[COMP_CWORD-1]}
  words=("\${COMP_WORDS[@]}")
  cword=$COMP_CWORD
}
`;

test('the bash script is valid and completes commands, options and profiles', async () => {
  const { stdout } = await run('completion', 'bash');
  const script = join(folder, 'completion.bash');
  writeFileSync(script, stdout);
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'envctl'), `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`, { mode: 0o755 });
  const complete = (line: string): Promise<CommandResult> => {
    const words = line.split(' ');
    const ask = `${bashCompletion}
      source ${script}
      COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}) COMP_CWORD=${words.length - 1}
      COMP_LINE='${line}' COMP_POINT=${line.length}
      $(complete -p envctl | sed 's/.*-F \\([^ ]*\\).*/\\1/')
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    return startCommand(['bash', '-c', ask], {
      cwd: folder,
      env: cleanEnv({ PATH: `${bin}:${process.env.PATH}` }),
      timeoutMs: 20_000,
    }).ended;
  };
  expect((await startCommand(['bash', '-n', script], { cwd: folder, env: cleanEnv() }).ended).code).toBe(0);
  expect((await complete('envctl st')).stdout).toMatch(/^status/m);
  expect((await complete('envctl up s')).stdout).toMatch(/^shop[\s\S]*^small/m);
  expect((await complete('envctl up --eng')).stdout).toMatch(/^--engine/m);
});

test('ls --profiles lists the profiles of the project with their summaries', async () => {
  const { code, stdout } = await run('ls', '--profiles');
  expect(code).toBe(0);
  expect(stdout).toMatch(/shop +A shop/);
  const json = await run('ls', '--profiles', '--output', 'json');
  expect(JSON.parse(json.stdout)).toMatchObject({
    version: 1,
    profiles: [{ name: 'shop', summary: 'A shop' }, { name: 'small' }],
  });
});

test('config prints the resolved profile as YAML or JSON', async () => {
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
