/** What a person reads when something of theirs is wrong: what failed, where it stands, and what to do. None of this needs an engine. */
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { type Ended, envctl, plainEnvironment } from './command.js';

const home = realpathSync(mkdtempSync(join(tmpdir(), 'envctl-cli-')));
let folder = home;
let count = 0;

beforeEach(() => {
  folder = join(home, `p${++count}`);
  mkdirSync(join(folder, 'environments'), { recursive: true });
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

const run = (line: string, env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  envctl(line.split(' '), {
    cwd: folder,
    env: plainEnvironment({ XDG_STATE_HOME: join(home, 'state'), XDG_CONFIG_HOME: join(home, 'config'), ...env }),
    timeoutMs: 20_000,
  });

/** `✖ place  message (CODE)` and, below the evidence, `→ hint`; nothing on stdout. */
function read({ code, stdout, stderr }: Ended): {
  code: number;
  headline: string;
  evidence: string;
  hint: string;
  stdout: string;
} {
  const lines = stderr.trimEnd().split('\n');
  const start = lines.findIndex((line) => line.startsWith('✖ '));
  const hint = lines.findIndex((line) => line.startsWith('→ '));
  return {
    code,
    stdout,
    headline: lines[start]?.slice(2) ?? stderr,
    evidence: lines.slice(start + 1, hint).join('\n'),
    hint: lines.slice(hint).join('\n').slice(2),
  };
}

const wrongProfiles = [
  {
    what: 'YAML that is no YAML',
    text: 'services:\n  a:\n    image: debian\n   command: x\n',
    headline: /^environments\/p\.yaml:4:1 {2}.+ \(PROFILE_INVALID\)$/,
    hint: /YAML/,
  },
  {
    what: 'a key that is one letter off one of ours',
    text: 'services:\n  a:\n    image: debian\n    reddy: running\n',
    headline: /^environments\/p\.yaml:4:5 {2}Service "a" has an unknown key "reddy" \(PROFILE_INVALID\)$/,
    hint: /^Did you mean "ready"\?$/,
  },
  {
    what: 'a key that is one letter off one of Compose’s',
    text: 'services:\n  a:\n    image: debian\n    enviroment: { A: b }\n',
    headline: /^environments\/p\.yaml:4:5 {2}Service "a" has an unknown key "enviroment" \(PROFILE_INVALID\)$/,
    hint: /^Did you mean "environment"\?$/,
  },
  {
    what: 'an unknown key at the top',
    text: 'service:\n  a: { image: debian }\n',
    headline: /^environments\/p\.yaml:1:1 {2}.*"service".*\(PROFILE_INVALID\)$/,
    hint: /"services"/,
  },
  {
    what: 'the same key twice',
    text: 'services:\n  a:\n    image: debian\n    image: alpine\n',
    headline: /^environments\/p\.yaml:4:5 {2}.+ \(PROFILE_INVALID\)$/,
    hint: /./,
  },
  {
    what: 'a value of the wrong type',
    text: 'services:\n  a:\n    image: debian\n    port: eighty\n',
    headline: /^environments\/p\.yaml:4:\d+ {2}Invalid value for "port": "eighty" \(PROFILE_INVALID\)$/,
    hint: /^Expected a port from 1 to 65535/,
  },
  {
    what: 'services that wait for each other',
    text: 'services:\n  a: { image: debian, environment: { B: "${b.host}" } }\n  b: { image: debian, depends_on: [a] }\n',
    headline: /^environments\/p\.yaml:\d:\d+ {2}.*(a\.start → b\.seeded|b\.start → a\.seeded).* \(CYCLE\)$/,
    hint: /\$\{service\.inside\.url\}/,
  },
  {
    what: 'a service that waits for itself',
    text: 'services:\n  a:\n    image: debian\n    depends_on: [a]\n',
    headline: /^environments\/p\.yaml:\d:\d+ {2}"a" waits for itself: a → a \(CYCLE\)$/,
    hint: /depends_on/,
  },
  {
    what: 'a reference to no service',
    text: 'services:\n  db: { template: postgres }\n  a:\n    image: debian\n    environment:\n      URL: ${bd.url}\n',
    headline:
      /^environments\/p\.yaml:6:\d+ {2}"\$\{bd\.url\}" refers to a service "bd" that this profile does not have \(REFERENCE_DANGLING\)$/,
    hint: /^Did you mean "db"\?$/,
  },
  {
    what: 'a reference to a fact that a service does not have',
    text: 'services:\n  db: { template: postgres }\n  a:\n    image: debian\n    environment:\n      URL: ${db.urll}\n',
    headline: /^environments\/p\.yaml:6:\d+ {2}.*urll.* \(REFERENCE_DANGLING\)$/,
    hint: /"url"/,
  },
  {
    what: 'a dangling export',
    text: 'services:\n  db: { template: postgres }\nexports:\n  APP_URL: ${app.url}\n',
    headline: /^environments\/p\.yaml:4:\d+ {2}"\$\{app\.url\}".* \(REFERENCE_DANGLING\)$/,
    hint: /db/,
  },
  {
    what: 'depends_on of no service',
    text: 'services:\n  db: { template: postgres }\n  a:\n    image: debian\n    depends_on: [dbb]\n',
    headline: /^environments\/p\.yaml:5:\d+ {2}.*"dbb".* \((REFERENCE_DANGLING|PROFILE_INVALID)\)$/,
    hint: /"db"/,
  },
  {
    what: 'a variable that is not set',
    text: 'services:\n  a:\n    image: debian\n    environment:\n      TOKEN: ${SHOP_TOKEN}\n',
    headline: /^environments\/p\.yaml:5:\d+ {2}environment variable SHOP_TOKEN is not set \(VARIABLE_MISSING\)$/,
    hint: /^Set SHOP_TOKEN, or write a default: \$\{SHOP_TOKEN:-value\}\.$/,
  },
  {
    what: 'a variable that is asked for in the profile’s own words',
    text: 'services:\n  a:\n    image: debian\n    environment:\n      TOKEN: ${SHOP_TOKEN:?ask Ann for one}\n',
    headline: /^environments\/p\.yaml:5:\d+ {2}.*SHOP_TOKEN.*ask Ann for one.* \(VARIABLE_MISSING\)$/,
    hint: /SHOP_TOKEN/,
  },
  {
    what: 'a template that does not exist',
    text: 'services:\n  db: { template: postgress }\n',
    headline: /^environments\/p\.yaml:2:\d+ {2}.*"postgress".* \(TEMPLATE_UNKNOWN\)$/,
    hint: /"postgres"/,
  },
  {
    what: 'a parameter that its template does not have',
    text: 'services:\n  db:\n    template: postgres\n    with: { databse: shop }\n',
    headline: /^environments\/p\.yaml:4:\d+ {2}template "postgres" has no parameter "databse" \(PARAMETER_INVALID\)$/,
    hint: /"database"/,
  },
  {
    what: 'a seed that nobody of its service understands',
    text: 'services:\n  cache:\n    template: redis\n    seed: [{ sql: seeds/a.sql }]\n',
    headline: /^environments\/p\.yaml:4:\d+ {2}.*sql.* \(PROFILE_INVALID\)$/,
    hint: /Services that speak postgres or mysql take sql seeds/,
  },
  {
    what: 'a path that leads out of the project',
    text: 'services:\n  db:\n    template: postgres\n    seed: [{ sql: ../../../../etc/passwd }]\n',
    headline: /^environments\/p\.yaml:4:\d+ {2}.*leads out of the project.* \(PROFILE_INVALID\)$/,
    hint: /project/,
  },
  {
    what: 'a fixed port on more than one replica',
    text: 'services:\n  a: { image: debian, port: "8000:8000", scale: 2 }\n',
    headline: /^environments\/p\.yaml:2:\d+ {2}"a" runs 2 times, but has a fixed host port \(PROFILE_INVALID\)$/,
    hint: /port: 8000/,
  },
];

test.each(wrongProfiles)('$what is refused at its place, with the remedy', async ({ text, headline, hint }) => {
  write('environments/p.yaml', text);
  const said = read(await run('up p'));
  expect(said.headline).toMatch(headline);
  expect(said.hint).toMatch(hint);
  expect(said).toMatchObject({ code: 2, stdout: '' });
});

test('config and plan refuse a wrong profile as up does', async () => {
  write('environments/p.yaml', 'services:\n  a:\n    image: debian\n    comand: x\n');
  for (const command of ['config', 'plan'])
    expect(read(await run(`${command} p`))).toMatchObject({
      code: 2,
      headline: expect.stringContaining('p.yaml:4:5'),
      hint: 'Did you mean "command"?',
    });
});

test('an unknown profile is told with the nearest that exists', async () => {
  write('environments/shop.yaml', 'services: { a: { image: debian } }\n');
  const said = read(await run('up shpo'));
  expect(said).toMatchObject({ code: 2, hint: 'Did you mean "shop"?' });
  expect(said.headline).toMatch(/There is no profile "shpo" in .*environments \(PROFILE_UNKNOWN\)$/);
});

test('a profile that extends one that does not exist is told at that line', async () => {
  write('environments/p.yaml', 'summary: x\nextends: [bsae]\nservices: { a: { image: debian } }\n');
  write('environments/base.yaml', 'services: { a: { image: debian } }\n');
  expect(read(await run('up p'))).toMatchObject({
    code: 2,
    headline: expect.stringMatching(/^environments\/p\.yaml:2:\d+ .*"bsae"/),
    hint: 'Did you mean "base"?',
  });
});

test('without a name and with several profiles, they are listed', async () => {
  write('environments/one.yaml', 'services: { a: { image: debian } }\n');
  write('environments/two.yaml', 'services: { a: { image: debian } }\n');
  expect(read(await run('up'))).toMatchObject({
    code: 2,
    headline: 'Name a profile: there are several (USAGE)',
    hint: 'Profiles here: one, two.',
  });
});

test('where there is nothing to bring up, both ways to begin are told', async () => {
  const said = read(await run('up'));
  expect(said.code).toBe(2);
  expect(said.hint).toMatch(/environments\/<name>\.yaml.*`-f docker-compose\.yml`/);
});

test('a file of -f that does not exist is named', async () => {
  expect(read(await run('up -f compose.yml'))).toMatchObject({
    code: 2,
    headline: expect.stringMatching(/File ".*compose\.yml" does not exist/),
    hint: expect.stringContaining('-f'),
  });
});

test('a parameter that does not exist, or has no value, is told', async () => {
  write(
    'environments/p.yaml',
    'parameters: { workers: { default: 1, type: integer } }\nservices: { a: { image: debian, scale: "${parameters.workers}" } }\n',
  );
  expect(read(await run('config p --set worker=2'))).toMatchObject({
    code: 2,
    hint: expect.stringContaining('"workers"'),
  });
  expect(read(await run('config p --set workers=many'))).toMatchObject({
    code: 2,
    headline: expect.stringMatching(/workers.*(integer|number).*PARAMETER_INVALID/),
  });
  expect(read(await run('config p --set workers'))).toMatchObject({
    code: 2,
    headline: expect.stringContaining('has no value'),
  });
});

const engines = [
  {
    what: 'a socket that is not there',
    env: { DOCKER_HOST: 'unix:///nope/docker.sock' },
    headline: /unix:\/\/\/nope\/docker\.sock \(from DOCKER_HOST\).*no such socket \(ENGINE_UNAVAILABLE\)$/,
  },
  {
    what: 'a port that refuses',
    env: { DOCKER_HOST: 'tcp://127.0.0.1:1' },
    headline: /tcp:\/\/127\.0\.0\.1:1 \(from DOCKER_HOST\).*refuses connections \(ENGINE_UNAVAILABLE\)$/,
  },
  {
    what: 'a context that does not exist',
    env: { DOCKER_HOST: '', DOCKER_CONTEXT: 'nope' },
    headline: /^Docker context "nope".*does not exist \(ENGINE_UNAVAILABLE\)$/,
  },
];

for (const { what, env, headline } of engines) {
  for (const engine of ['auto', 'compose']) {
    // The other tests of this machine may hold up one attempt.
    test(`${what} is named with where it came from, and it is exit 3 within 2 s (--engine ${engine})`, {
      retry: 2,
    }, async () => {
      write('environments/p.yaml', 'services: { a: { image: debian, command: sleep 60 } }\n');
      const ended = await run(`up p --engine ${engine}`, env);
      const said = read(ended);
      expect(said.headline).toMatch(headline);
      expect(said).toMatchObject({ code: 3, stdout: '', hint: expect.stringMatching(/DOCKER_HOST|DOCKER_CONTEXT/) });
      expect(ended.ms).toBeLessThan(2000);
    });
  }
}

test.each(['auto', 'embedded'])(
  'without Docker, a missing program is told with what installs it (--engine %s)',
  async (engine) => {
    write('environments/p.yaml', 'services:\n  queue: { template: rabbitmq }\n');
    const said = read(
      await run(`up p --engine ${engine}`, {
        DOCKER_HOST: 'unix:///nope/docker.sock',
        PATH: dirname(process.execPath),
      }),
    );
    expect(said.headline).toMatch(
      /p\.yaml:2:3 .*"queue" cannot run without Docker here: no rabbitmq-server.*\(ENGINE_CANNOT_RUN\)$/,
    );
    expect(said).toMatchObject({
      code: 2,
      stdout: '',
      hint: expect.stringMatching(/apt-get install rabbitmq-server.*brew install.*Docker/),
    });
  },
);

test('a missing Compose plugin is told with how to install it', async () => {
  write('compose.yml', 'services: { a: { image: debian } }\n');
  // What docker says where it has no plugin of that name, in the place where it looks first.
  write(
    'docker/cli-plugins/docker-compose',
    `#!/bin/sh\necho "docker: 'compose' is not a docker command." >&2\nexit 1\n`,
  );
  chmodSync(join(folder, 'docker/cli-plugins/docker-compose'), 0o755);
  const ended = await run('config -f compose.yml', { DOCKER_CONFIG: join(folder, 'docker') });
  const said = read(ended);
  expect(said.headline).toMatch(/Compose.*\(COMPOSE_MISSING\)$/);
  expect(said).toMatchObject({ code: 3, hint: expect.stringContaining('docker-compose-plugin') });
  expect(ended.ms).toBeLessThan(4000);
});

test('an engine that does not exist is told with those that do', async () => {
  write('environments/p.yaml', 'services: { a: { image: debian } }\n');
  expect(read(await run('up p --engine compsoe'))).toMatchObject({ code: 2, hint: 'Did you mean "compose"?' });
});

test('a command, option or choice that does not exist is told with the nearest', async () => {
  write('environments/p.yaml', 'services: { a: { image: debian } }\n');
  expect(read(await run('statsu'))).toMatchObject({
    code: 2,
    headline: expect.stringContaining('Unknown command "statsu"'),
    evidence: expect.stringContaining('status'),
  });
  expect(read(await run('up --fiel x'))).toMatchObject({
    code: 2,
    headline: expect.stringContaining('Unknown option "--fiel"'),
    evidence: expect.stringContaining('--file'),
  });
  expect(read(await run('env p --format dotevn'))).toMatchObject({
    code: 2,
    headline: expect.stringMatching(/dotevn/),
  });
  expect(read(await run('up p --timeout soon'))).toMatchObject({
    code: 2,
    headline: 'Invalid duration "soon" for `--timeout` (or ENVCTL_TIMEOUT) (USAGE)',
    hint: expect.stringContaining('90s'),
  });
});

test('what no engine has is exit 7, and down of it is no error', async () => {
  write('environments/p.yaml', 'services: { a: { image: debian } }\n');
  for (const command of ['status p', 'env p', 'logs p', 'exec p a true', 'status p-012345'])
    expect(read(await run(command))).toMatchObject({
      code: 7,
      stdout: '',
      hint: expect.stringMatching(/envctl (up|ls)/),
    });
  expect((await run('down p')).code).toBe(0);
  expect((await run('down p-012345')).code).toBe(0);
});

test('with --output json an error is data on stdout', async () => {
  write('environments/p.yaml', 'services:\n  a:\n    image: debian\n    comand: x\n');
  const { code, stdout, stderr } = await run('up p --output json');
  expect(code).toBe(2);
  expect(stderr).toBe('');
  const { error } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { error: unknown };
  expect(error).toMatchObject({
    code: 'PROFILE_INVALID',
    exitCode: 2,
    hint: 'Did you mean "command"?',
    position: { line: 4, column: 5 },
  });
});
