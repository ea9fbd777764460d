/** Output for other programs: each format is read by a program it is for, and stdout holds data only. */
import { readFileSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type CommandResult, program, startCommand } from '../cli/command.js';
import {
  describeDocker,
  dockerEnded,
  expectCode,
  exportsOf,
  idsOf,
  imageHere,
  lines,
  profile,
  scenario,
  sharedStage,
} from './vocabulary.js';

const awkward = `it's "quoted" $HOME #1 \\ back`;

describeDocker('exports', () => {
  const stage = sharedStage();
  const project = stage.project(
    profile(
      'p',
      `parameters: { text: { default: ${JSON.stringify(awkward.replaceAll('$', '$$$$'))} } }
services:
  db: { template: postgres }
  cache: { template: redis }
  queue: { image: debian:bookworm-slim, command: sleep 600 }
exports:
  SHOP_DATABASE: \${db.url}?sslmode=disable
  AWKWARD: \${parameters.text}
  PGHOST: \${db.env.PGHOST}
`,
    ),
  );
  let exports: Readonly<Record<string, string>> = {};
  const read = (argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CommandResult> =>
    startCommand(argv, { cwd: project.folder, env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env } }).ended;
  const format = async (name: string): Promise<string> => {
    const ended = await project.envctl(`env p --format ${name}`);
    expectCode(ended, 0);
    expect(ended.stderr).toBe('');
    return ended.stdout;
  };

  test('env --format json prints the connections of every service and the exports of the profile', async () => {
    const up = await project.envctl('up p --ephemeral --output json');
    expectCode(up, 0);
    exports = await exportsOf(project, 'p');
    const { published } = await project.container('db');
    const port = published['5432/tcp']?.[0]?.split(':')[1];
    expect(exports).toMatchObject({
      DB_HOST: '127.0.0.1',
      DB_PORT: port,
      DB_USER: 'app',
      DB_DATABASE: 'app',
      PGHOST: '127.0.0.1',
      SHOP_DATABASE: `${exports.DB_URL}?sslmode=disable`,
      AWKWARD: awkward,
    });
    expect(exports.DB_URL).toBe(`postgresql://app:${exports.DB_PASSWORD}@127.0.0.1:${port}/app`);
    expect(Object.keys(exports).filter((name) => name.startsWith('QUEUE'))).toEqual([]);
  });

  test('sh and bash read env --format shell back unchanged', async () => {
    const text = await format('shell');
    for (const shell of ['sh', 'bash']) {
      const ended = await read([shell, '-c', `eval "$TEXT"; "${process.execPath}" -p 'JSON.stringify(process.env)'`], {
        TEXT: text,
      });
      expect(JSON.parse(ended.stdout)).toMatchObject(exports);
    }
  });

  test('eval "$(envctl env …)" works in one line, as in the help', async () => {
    const ended = await read(
      ['bash', '-c', `eval "$("${process.execPath}" "${program}" env p --format shell)" && printf %s "$SHOP_DATABASE"`],
      { XDG_STATE_HOME: project.path('../user/state') },
    );
    expect(ended).toMatchObject({ code: 0, stdout: exports.SHOP_DATABASE });
  });

  test('Node reads env --format dotenv back unchanged, or envctl names the value it cannot hold', async () => {
    const ended = await project.envctl('env p --format dotenv');
    if (ended.code === 0) {
      project.write('out.env', ended.stdout);
      const node = await read([
        process.execPath,
        '--env-file',
        project.path('out.env'),
        '-p',
        'JSON.stringify(process.env)',
      ]);
      expect(JSON.parse(node.stdout)).toMatchObject(exports);
    } else {
      expectCode(ended, 2);
      expect(ended.stderr).toContain('AWKWARD');
      expect(ended.stdout).toBe('');
    }
  });

  test('docker run --env-file reads env --format docker back unchanged', async () => {
    project.write('docker.env', await format('docker'));
    const ended = await dockerEnded([
      'run',
      '--rm',
      '--env-file',
      project.path('docker.env'),
      await imageHere('debian:bookworm-slim'),
      'env',
      '-0',
    ]);
    const values = Object.fromEntries(
      ended.stdout
        .split('\0')
        .filter(Boolean)
        .map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
    );
    expect(values).toMatchObject(exports);
  });

  test('env --format yaml and properties hold every name', async () => {
    const { parse } = await import('yaml');
    expect(parse(await format('yaml'))).toEqual(exports);
    const names = lines(await format('properties')).map((line) => line.split(/[=:]/)[0]?.trim());
    expect(names).toEqual(expect.arrayContaining(Object.keys(exports)));
  });

  test('env --format github has each name once', async () => {
    const text = await format('github');
    for (const name of Object.keys(exports)) expect(text).toMatch(new RegExp(`^${name}(=|<<)`, 'm'));
  });

  test('connection files are readable by the user only, and git ignores them', async () => {
    const { instance } = await project.container('db');
    for (const file of ['connection.json', 'connection.env'])
      expect(statSync(project.path(`.envctl/${instance}/${file}`)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(project.path(`.envctl/${instance}/connection.json`), 'utf8'))).toMatchObject({
      instance,
      exports: exports,
    });
    await read(['git', 'init', '-q']);
    expect((await read(['git', 'status', '--porcelain', '--untracked-files=all'])).stdout).not.toContain('.envctl');
  });

  test('status, ls, plan and config print versioned JSON without secrets', async () => {
    for (const command of ['status p', 'ls', 'plan p', 'config p']) {
      const { code, stdout } = await project.envctl(`${command} --output json`);
      expect({ command, code }).toEqual({ command, code: 0 });
      expect(JSON.parse(stdout)).toMatchObject({ version: 1 });
      for (const secret of [exports.DB_PASSWORD ?? '', exports.CACHE_PASSWORD ?? ''])
        expect(stdout).not.toContain(secret);
    }
  });

  test('up --output json prints NDJSON events to stdout, from begin to end, without secrets', async () => {
    const up = await project.envctl('up p --output json');
    expectCode(up, 0);
    expect(up.stderr).toBe('');
    const events = lines(up.stdout).map((line) => JSON.parse(line) as { type: string; version: number });
    expect(events[0]).toMatchObject({
      type: 'begin',
      command: 'up',
      version: 1,
      services: [{ name: 'db' }, { name: 'cache' }, { name: 'queue' }],
    });
    expect(events.at(-1)).toMatchObject({ type: 'end', command: 'up' });
    expect(events.filter(({ type }) => type === 'ready')).toHaveLength(3);
    for (const secret of [exports.DB_PASSWORD ?? '', exports.CACHE_PASSWORD ?? ''])
      expect(up.stdout).not.toContain(secret);
  });

  test('plain progress goes to stderr without escape codes, and stdout stays empty', async () => {
    const { stdout, stderr } = await project.envctl('up p', { env: { TERM: 'xterm-256color' } });
    expect(stdout).toBe('');
    expect(stderr).toContain('is ready');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the test looks for escape codes
    expect(stderr).not.toMatch(/\u001b/);
  });

  test('run passes the exports to its command and prints nothing else to stdout', async () => {
    const run = await project.envctl(['run', 'p', '--', 'sh', '-c', 'printf %s "$SHOP_DATABASE"']);
    expect(run.stdout).toBe(exports.SHOP_DATABASE);
  });

  test('down --output json ends with an end event', async () => {
    const down = await project.envctl('down p --output json');
    expectCode(down, 0);
    expect(JSON.parse(lines(down.stdout).at(-1) ?? '')).toMatchObject({ type: 'end', command: 'down' });
  });
});

scenario('env names a value that the format cannot hold, and prints nothing', async (stage) => {
  const project = stage.project(
    profile(
      'p',
      `parameters: { text: { default: "two\\nlines" } }
services:
  a: { image: debian:bookworm-slim, command: sleep 600 }
exports:
  TWO_LINES: \${parameters.text}
`,
    ),
  );
  expectCode(await project.envctl('up p'), 0);
  expect(await exportsOf(project, 'p')).toEqual({ TWO_LINES: 'two\nlines' });
  const docker = await project.envctl('env p --format docker');
  expectCode(docker, 2);
  expect(docker.stdout).toBe('');
  expect(docker.stderr).toMatch(/TWO_LINES/);
  expect(docker.stderr).toMatch(/^→ ./m);
  expectCode(await project.envctl('down p'), 0);
});

scenario('no process that envctl starts has a secret in its arguments', async (stage) => {
  const project = stage.project(
    profile('p', 'services:\n  db: { template: postgres }\n  cache: { template: redis }\n'),
  );
  // The arguments of all running descendants are collected; some are seen, so the check is not empty.
  const seen = new Set<string>();
  const up = project.start('up p --ephemeral');
  const look = async (): Promise<void> => {
    for (const line of await argumentsOf(up.pid)) seen.add(line);
  };
  const watch = setInterval(() => void look(), 20);
  expectCode(await up.ended, 0);
  clearInterval(watch);
  expect([...seen].some((line) => line.includes('compose'))).toBe(true);
  const exports = await exportsOf(project, 'p');
  for (const secret of [exports.DB_PASSWORD ?? '-', exports.CACHE_PASSWORD ?? '-'])
    expect([...seen].filter((line) => line.includes(secret))).toEqual([]);
  expectCode(await project.envctl('down p'), 0);
});

/** The command lines of a process and its descendants. */
async function argumentsOf(pid: number): Promise<readonly string[]> {
  const { stdout } = await startCommand(['ps', '-eo', 'pid=,ppid=,args='], { cwd: '/', env: process.env }).ended;
  const rows = lines(stdout)
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [])
    .map(([, own, parent, args]) => ({ own: Number(own), parent: Number(parent), args: args ?? '' }));
  const family = new Set([pid]);
  for (let grown = 0; grown !== family.size; ) {
    grown = family.size;
    for (const { own, parent } of rows) if (family.has(parent)) family.add(own);
  }
  return rows.filter(({ own }) => family.has(own)).map(({ args }) => args);
}

scenario('a change of exports alone takes effect without recreating anything', async (stage) => {
  const text = (exports: string): string =>
    `services:\n  a: { template: redis }\n  b: { template: redis }\nexports:\n${exports}`;
  const project = stage.project(profile('p', text('  MY_B: ${b.host}\n')));
  expectCode(await project.envctl('up p --ephemeral --without b'), 0);
  expect(await exportsOf(project, 'p')).not.toHaveProperty('MY_B');
  expectCode(await project.envctl('up p'), 0);
  const before = await project.containers();
  expect(await exportsOf(project, 'p')).toMatchObject({ MY_B: '127.0.0.1' });
  project.write('environments/p.yaml', text('  MY_A: ${a.host}\n'));
  expectCode(await project.envctl('up p'), 0);
  expect(idsOf(await project.containers())).toEqual(idsOf(before));
  const exports = await exportsOf(project, 'p');
  expect(exports).toMatchObject({ MY_A: '127.0.0.1' });
  expect(exports).not.toHaveProperty('MY_B');
  expectCode(await project.envctl('down p'), 0);
});
