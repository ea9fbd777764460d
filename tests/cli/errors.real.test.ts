/** Errors as users see them: the problem, its position, and what to do. No test needs an engine. */
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { type CommandResult, cleanEnv, envctl } from './command.js';

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

const run = (line: string, env: Readonly<Record<string, string>> = {}): Promise<CommandResult> =>
  envctl(line.split(' '), {
    cwd: folder,
    env: cleanEnv({ XDG_STATE_HOME: join(home, 'state'), XDG_CONFIG_HOME: join(home, 'config'), ...env }),
    timeoutMs: 20_000,
  });

/** Splits `✖ position  message (CODE)`, the detail, and `→ hint`. */
function readError({ code, stdout, stderr }: CommandResult): {
  code: number;
  headline: string;
  detail: string;
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
    detail: lines.slice(start + 1, hint).join('\n'),
    hint: lines.slice(hint).join('\n').slice(2),
  };
}

const wrongProfiles = [
  {
    what: 'invalid YAML',
    text: 'services:\n  a:\n    image: debian\n   command: x\n',
    headline: /^environments\/p\.yaml:4:1 {2}.+ \(PROFILE_INVALID\)$/,
    hint: /YAML/,
  },
  {
    what: 'a misspelled key of envctl',
    text: 'services:\n  a:\n    image: debian\n    reddy: running\n',
    headline: /^environments\/p\.yaml:4:5 {2}Service "a" has an unknown key "reddy" \(PROFILE_INVALID\)$/,
    hint: /^Did you mean "ready"\?$/,
  },
  {
    what: 'a misspelled key of Compose',
    text: 'services:\n  a:\n    image: debian\n    enviroment: { A: b }\n',
    headline: /^environments\/p\.yaml:4:5 {2}Service "a" has an unknown key "enviroment" \(PROFILE_INVALID\)$/,
    hint: /^Did you mean "environment"\?$/,
  },
  {
    what: 'an unknown key at the top level',
    text: 'service:\n  a: { image: debian }\n',
    headline: /^environments\/p\.yaml:1:1 {2}.*"service".*\(PROFILE_INVALID\)$/,
    hint: /"services"/,
  },
  {
    what: 'a duplicate key',
    text: 'services:\n  a:\n    image: debian\n    image: alpine\n',
    headline: /^environments\/p\.yaml:4:5 {2}.+ \(PROFILE_INVALID\)$/,
    hint: /^Keep one of them/,
  },
  {
    what: 'a value of the wrong type',
    text: 'services:\n  a:\n    image: debian\n    port: eighty\n',
    headline: /^environments\/p\.yaml:4:\d+ {2}Invalid value for "port": "eighty" \(PROFILE_INVALID\)$/,
    hint: /^Expected a port from 1 to 65535/,
  },
  {
    what: 'a dependency cycle',
    text: `services:
  a: { image: debian, environment: { B: "\${b.host}" } }
  b: { image: debian, depends_on: [a] }
`,
    headline: /^environments\/p\.yaml:\d:\d+ {2}.*(a\.start → b\.seeded|b\.start → a\.seeded).* \(CYCLE\)$/,
    hint: /\$\{service\.inside\.url\}/,
  },
  {
    what: 'a service that depends on itself',
    text: 'services:\n  a:\n    image: debian\n    depends_on: [a]\n',
    headline: /^environments\/p\.yaml:\d:\d+ {2}Service "a" depends on itself: a → a \(CYCLE\)$/,
    hint: /depends_on/,
  },
  {
    what: 'a reference to an unknown service',
    text: 'services:\n  db: { template: postgres }\n  a:\n    image: debian\n    environment:\n      URL: ${bd.url}\n',
    headline: /^environments\/p\.yaml:6:\d+ {2}"\$\{bd\.url\}" refers to a service "bd" .+ \(REFERENCE_DANGLING\)$/,
    hint: /^Did you mean "db"\?$/,
  },
  {
    what: 'a reference to an unknown property',
    text: 'services:\n  db: { template: postgres }\n  a:\n    image: debian\n    environment:\n      URL: ${db.urll}\n',
    headline: /^environments\/p\.yaml:6:\d+ {2}.*urll.* \(REFERENCE_DANGLING\)$/,
    hint: /"url"/,
  },
  {
    what: 'an export of an unknown service',
    text: 'services:\n  db: { template: postgres }\nexports:\n  APP_URL: ${app.url}\n',
    headline: /^environments\/p\.yaml:4:\d+ {2}"\$\{app\.url\}".* \(REFERENCE_DANGLING\)$/,
    hint: /db/,
  },
  {
    what: 'depends_on with an unknown service',
    text: 'services:\n  db: { template: postgres }\n  a:\n    image: debian\n    depends_on: [dbb]\n',
    headline: /^environments\/p\.yaml:5:\d+ {2}.*"dbb".* \(REFERENCE_DANGLING\)$/,
    hint: /"db"/,
  },
  {
    what: 'a missing variable',
    text: 'services:\n  a:\n    image: debian\n    environment:\n      TOKEN: ${SHOP_TOKEN}\n',
    headline: /^environments\/p\.yaml:5:\d+ {2}Environment variable SHOP_TOKEN is not set \(VARIABLE_MISSING\)$/,
    hint: /^Set SHOP_TOKEN, or write a default: `\$\{SHOP_TOKEN:-value\}`\.$/,
  },
  {
    what: 'a missing variable with a message in the profile',
    text: 'services:\n  a:\n    image: debian\n    environment:\n      TOKEN: ${SHOP_TOKEN:?ask Ann for one}\n',
    headline: /^environments\/p\.yaml:5:\d+ {2}.*SHOP_TOKEN.*ask Ann for one.* \(VARIABLE_MISSING\)$/,
    hint: /SHOP_TOKEN/,
  },
  {
    what: 'an unknown template',
    text: 'services:\n  db: { template: postgress }\n',
    headline: /^environments\/p\.yaml:2:\d+ {2}.*"postgress".* \(TEMPLATE_UNKNOWN\)$/,
    hint: /"postgres"/,
  },
  {
    what: 'an unknown parameter of a template',
    text: 'services:\n  db:\n    template: postgres\n    with: { databse: shop }\n',
    headline: /^environments\/p\.yaml:4:\d+ {2}Template "postgres" has no parameter "databse" \(PARAMETER_INVALID\)$/,
    hint: /"database"/,
  },
  {
    what: 'a seed kind that the service does not support',
    text: 'services:\n  cache:\n    template: redis\n    seed: [{ sql: seeds/a.sql }]\n',
    headline: /^environments\/p\.yaml:4:\d+ {2}.*sql.* \(PROFILE_INVALID\)$/,
    hint: /Services that speak postgres or mysql take sql seeds/,
  },
  {
    what: 'a path outside the project',
    text: 'services:\n  db:\n    template: postgres\n    seed: [{ sql: ../../../../etc/passwd }]\n',
    headline: /^environments\/p\.yaml:4:\d+ {2}.*is outside the project.* \(PROFILE_INVALID\)$/,
    hint: /project/,
  },
  {
    what: 'a fixed host port of several replicas',
    text: 'services:\n  a: { image: debian, port: "8000:8000", scale: 2 }\n',
    headline:
      /^environments\/p\.yaml:2:\d+ {2}Service "a" has 2 replicas, but also a fixed host port \(PROFILE_INVALID\)$/,
    hint: /port: 8000/,
  },
];

test.each(wrongProfiles)('up refuses $what at its position, with a hint', async ({ text, headline, hint }) => {
  write('environments/p.yaml', text);
  const error = readError(await run('up p'));
  expect(error.headline).toMatch(headline);
  expect(error.hint).toMatch(hint);
  expect(error).toMatchObject({ code: 2, stdout: '' });
});

test('config and plan refuse an invalid profile as up does', async () => {
  write('environments/p.yaml', 'services:\n  a:\n    image: debian\n    comand: x\n');
  for (const command of ['config', 'plan'])
    expect(readError(await run(`${command} p`))).toMatchObject({
      code: 2,
      headline: expect.stringContaining('p.yaml:4:5'),
      hint: 'Did you mean "command"?',
    });
});

test('an unknown profile is refused with the nearest name', async () => {
  write('environments/shop.yaml', 'services: { a: { image: debian } }\n');
  const error = readError(await run('up shpo'));
  expect(error).toMatchObject({ code: 2, hint: 'Did you mean "shop"?' });
  expect(error.headline).toMatch(/There is no profile "shpo" in .*environments \(PROFILE_UNKNOWN\)$/);
});

test('extending an unknown profile is refused at its position', async () => {
  write('environments/p.yaml', 'summary: x\nextends: [bsae]\nservices: { a: { image: debian } }\n');
  write('environments/base.yaml', 'services: { a: { image: debian } }\n');
  expect(readError(await run('up p'))).toMatchObject({
    code: 2,
    headline: expect.stringMatching(/^environments\/p\.yaml:2:\d+ .*"bsae"/),
    hint: 'Did you mean "base"?',
  });
});

test('up without a profile lists the profiles if there are several', async () => {
  write('environments/one.yaml', 'services: { a: { image: debian } }\n');
  write('environments/two.yaml', 'services: { a: { image: debian } }\n');
  expect(readError(await run('up'))).toMatchObject({
    code: 2,
    headline: 'Name a profile: there are several (USAGE)',
    hint: 'Profiles here: one, two.',
  });
});

test('up in a folder without profiles suggests a profile and a Compose file', async () => {
  const error = readError(await run('up'));
  expect(error.code).toBe(2);
  expect(error.hint).toMatch(/environments\/<name>\.yaml.*`-f docker-compose\.yml`/);
});

test('a missing file after -f is named', async () => {
  expect(readError(await run('up -f compose.yml'))).toMatchObject({
    code: 2,
    headline: expect.stringMatching(/File ".*compose\.yml" does not exist/),
    hint: expect.stringContaining('-f'),
  });
});

test('an unknown parameter, an invalid value and a missing value are refused', async () => {
  write(
    'environments/p.yaml',
    `parameters: { workers: { default: 1, type: integer } }
services: { a: { image: debian, scale: "\${parameters.workers}" } }
`,
  );
  expect(readError(await run('config p --set worker=2'))).toMatchObject({
    code: 2,
    hint: expect.stringContaining('"workers"'),
  });
  expect(readError(await run('config p --set workers=many'))).toMatchObject({
    code: 2,
    headline: expect.stringMatching(/workers.*(integer|number).*PARAMETER_INVALID/),
  });
  expect(readError(await run('config p --set workers'))).toMatchObject({
    code: 2,
    headline: expect.stringContaining('has no value'),
  });
});

const engines = [
  {
    what: 'a socket that does not exist',
    env: { DOCKER_HOST: 'unix:///nope/docker.sock' },
    headline: /unix:\/\/\/nope\/docker\.sock \(from DOCKER_HOST\).*no such socket \(ENGINE_UNAVAILABLE\)$/,
  },
  {
    what: 'a port that refuses connections',
    env: { DOCKER_HOST: 'tcp://127.0.0.1:1' },
    headline: /tcp:\/\/127\.0\.0\.1:1 \(from DOCKER_HOST\).*refuses connections \(ENGINE_UNAVAILABLE\)$/,
  },
  {
    what: 'an unknown context',
    env: { DOCKER_HOST: '', DOCKER_CONTEXT: 'nope' },
    headline: /^Docker context "nope".*does not exist \(ENGINE_UNAVAILABLE\)$/,
  },
];

for (const { what, env, headline } of engines) {
  for (const engine of ['auto', 'compose']) {
    test(`up reports ${what} with the source of the setting, and exits with 3 (--engine ${engine})`, async () => {
      write('environments/p.yaml', 'services: { a: { image: debian, command: sleep 60 } }\n');
      const error = readError(await run(`up p --engine ${engine}`, env));
      expect(error.headline).toMatch(headline);
      expect(error).toMatchObject({ code: 3, stdout: '', hint: expect.stringMatching(/DOCKER_HOST|DOCKER_CONTEXT/) });
    });
  }
}

test.each(['auto', 'embedded'])(
  'without Docker, a missing program is reported with the package that has it (--engine %s)',
  async (engine) => {
    write('environments/p.yaml', 'services:\n  queue: { template: rabbitmq }\n');
    const error = readError(
      await run(`up p --engine ${engine}`, {
        DOCKER_HOST: 'unix:///nope/docker.sock',
        PATH: dirname(process.execPath),
      }),
    );
    expect(error.headline).toMatch(
      /p\.yaml:2:3 .*"queue" cannot run without Docker here: no rabbitmq-server.*\(ENGINE_CANNOT_RUN\)$/,
    );
    expect(error).toMatchObject({
      code: 2,
      stdout: '',
      hint: expect.stringMatching(/apt-get install rabbitmq-server.*brew install.*Docker/),
    });
  },
);

test('a missing Compose plugin is reported with the package that has it', async () => {
  write('compose.yml', 'services: { a: { image: debian } }\n');
  // Docker's answer without a Compose plugin, from the first folder where envctl looks for one.
  write(
    'docker/cli-plugins/docker-compose',
    `#!/bin/sh\necho "docker: 'compose' is not a docker command." >&2\nexit 1\n`,
  );
  chmodSync(join(folder, 'docker/cli-plugins/docker-compose'), 0o755);
  const ended = await run('config -f compose.yml', { DOCKER_CONFIG: join(folder, 'docker') });
  const error = readError(ended);
  expect(error.headline).toMatch(/Compose.*\(COMPOSE_MISSING\)$/);
  expect(error).toMatchObject({ code: 3, hint: expect.stringContaining('docker-compose-plugin') });
});

test('an unknown engine is refused with the nearest name', async () => {
  write('environments/p.yaml', 'services: { a: { image: debian } }\n');
  expect(readError(await run('up p --engine compsoe'))).toMatchObject({ code: 2, hint: 'Did you mean "compose"?' });
});

test('an unknown command, option or value is refused with the nearest one', async () => {
  write('environments/p.yaml', 'services: { a: { image: debian } }\n');
  expect(readError(await run('statsu'))).toMatchObject({
    code: 2,
    headline: expect.stringContaining('Unknown command "statsu"'),
    detail: expect.stringContaining('status'),
  });
  expect(readError(await run('up --fiel x'))).toMatchObject({
    code: 2,
    headline: expect.stringContaining('Unknown option "--fiel"'),
    detail: expect.stringContaining('--file'),
  });
  expect(readError(await run('env p --format dotevn'))).toMatchObject({
    code: 2,
    headline: 'Invalid value "dotevn" for `--format` (or ENVCTL_FORMAT) (USAGE)',
    hint: 'Did you mean "dotenv"?',
  });
  expect(readError(await run('up p --timeout soon'))).toMatchObject({
    code: 2,
    headline: 'Invalid duration "soon" for `--timeout` (or ENVCTL_TIMEOUT) (USAGE)',
    hint: expect.stringContaining('90s'),
  });
});

test('status, env, logs and exec of an unknown instance exit with 7, and down with 0', async () => {
  write('environments/p.yaml', 'services: { a: { image: debian } }\n');
  for (const command of ['status p', 'env p', 'logs p', 'exec p a true', 'status p-012345'])
    expect(readError(await run(command))).toMatchObject({
      code: 7,
      stdout: '',
      hint: expect.stringMatching(/envctl (up|ls)/),
    });
  expect((await run('down p')).code).toBe(0);
  expect((await run('down p-012345')).code).toBe(0);
});

test('--output json prints an error as JSON to stdout', async () => {
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
