/** `run` is the door of every test runner: the command's code is its code, the exports are in its environment, nothing stays that it brought. */
import { expect } from 'vitest';
import { expectCode, idsOf, profile, scenario } from './vocabulary.js';

const cache = profile('p', 'services:\n  cache: { template: redis }\nexports:\n  MY_CACHE: ${cache.url}/3\n');
const broken = profile(
  'broken',
  'services:\n  a: { image: debian:bookworm-slim, command: sh -c "echo no luck; exit 1" }\n',
);

scenario('the exit code of the command is passed on, and what run brought up is taken down', async (stage) => {
  const project = stage.project(cache);
  for (const code of [0, 1, 42]) {
    expectCode(await project.envctl(['run', 'p', '--progress', 'plain', '--', 'sh', '-c', `exit ${code}`]), code);
    expect(await project.containers()).toEqual([]);
  }
});

scenario('a command that dies of a signal gives 128 and its number', async (stage) => {
  const project = stage.project(cache);
  expectCode(await project.envctl(['run', 'p', '--', 'sh', '-c', 'kill -9 $$']), 137);
  expect(await project.containers()).toEqual([]);
});

scenario('a profile that does not come up gives 125, and the command never runs', async (stage) => {
  const project = stage.project(broken);
  const run = await project.envctl('run broken -- echo it ran');
  expectCode(run, 125);
  expect(run.stdout).toBe('');
  expect(run.stderr).toContain('Service "a" exited with code 1');
  expect(run.stderr).toContain('no luck');
});

scenario('a profile that is wrong or unknown gives 125 as well, with its place', async (stage) => {
  const project = stage.project(
    profile('typo', 'services:\n  a:\n    image: debian:bookworm-slim\n    comand: sleep 60\n'),
  );
  const typo = await project.envctl('run typo -- echo it ran');
  expectCode(typo, 125);
  expect(typo.stderr).toMatch(/typo\.yaml:4:5 .*"comand"[\s\S]*→ Did you mean "command"\?/);
  expectCode(await project.envctl('run tipo -- echo it ran'), 125);
});

scenario('a command that does not exist gives 127, as in a shell, and what was brought up goes', async (stage) => {
  const project = stage.project(cache);
  const run = await project.envctl('run p -- no-such-program');
  expectCode(run, 127);
  expect(run.stderr).toMatch(/the command "no-such-program" was not found[\s\S]*→ .*PATH/);
  expect(await project.containers()).toEqual([]);
});

scenario('the exports stand in the command’s environment, and its stdout is its own', async (stage) => {
  const project = stage.project(cache);
  const run = await project.envctl(
    [
      'run',
      'p',
      '--progress',
      'plain',
      '--',
      'sh',
      '-c',
      'echo "$CACHE_HOST $CACHE_PORT"; echo "$MY_CACHE"; echo beside >&2; cat',
    ],
    { input: 'from my stdin\n' },
  );
  expectCode(run, 0);
  const [address, mine, input, ...more] = run.stdout.split('\n');
  expect(address).toMatch(/^127\.0\.0\.1 \d+$/);
  expect(mine).toMatch(/^redis:\/\/:[A-Za-z0-9]+@127\.0\.0\.1:\d+\/3$/);
  expect([input, ...more]).toEqual(['from my stdin', '']);
  expect(run.stderr).toContain('beside');
});

scenario('an instance that ran before is used as it is and left up', async (stage) => {
  const project = stage.project(cache);
  expectCode(await project.envctl('up p'), 0);
  const before = idsOf(await project.containers());
  const { startedAt } = await project.container('cache');
  expectCode(await project.envctl('run p -- sh -c true'), 0);
  expectCode(await project.envctl('run p -- sh -c false'), 1);
  expect(idsOf(await project.containers())).toEqual(before);
  expect((await project.container('cache')).startedAt).toBe(startedAt);
  expectCode(await project.envctl('down p'), 0);
});

scenario('a store with data is not recreated behind the back of whoever filled it', async (stage) => {
  const project = stage.project(cache);
  expectCode(await project.envctl('up p'), 0);
  const before = idsOf(await project.containers());
  project.write('environments/p.yaml', 'services:\n  cache: { template: redis, environment: { SOMETHING: new } }\n');
  const run = await project.envctl('run p -- echo it ran');
  expectCode(run, 2);
  expect(run.stdout).toBe('');
  expect(run.stderr).toMatch(/Service "cache" holds data and would have to be recreated \(configuration changed\)/);
  expect(idsOf(await project.containers())).toEqual(before);
  expectCode(await project.envctl('down p'), 0);
});

for (const { name, code } of [
  { name: 'SIGINT', code: 130 },
  { name: 'SIGTERM', code: 143 },
] as const) {
  scenario(`${name} reaches the command once, and what was brought up goes`, async (stage) => {
    const project = stage.project(cache);
    const count = `const seen = []; process.on('${name}', () => { seen.push(1); setTimeout(() => { console.log('signals ' + seen.length); process.exit(${code}); }, 600); }); setTimeout(() => {}, 60000); console.log('listening')`;
    const run = project.start(['run', 'p', '--progress', 'plain', '--', process.execPath, '-e', count]);
    await run.said(/^listening$/m);
    expect(await project.containers()).toHaveLength(1);
    run.signal(name);
    const ended = await run.ended;
    expectCode(ended, code);
    expect(ended.stdout).toContain('signals 1');
    expect(await project.containers()).toEqual([]);
  });
}

scenario('a command that ends well although it was interrupted keeps its code', async (stage) => {
  const project = stage.project(cache);
  const run = project.start([
    'run',
    'p',
    '--',
    process.execPath,
    '-e',
    `process.on('SIGINT', () => process.exit(7)); setTimeout(() => {}, 60000); console.log('listening')`,
  ]);
  await run.said(/^listening$/m);
  run.signal('SIGINT');
  expectCode(await run.ended, 7);
  expect(await project.containers()).toEqual([]);
});

scenario('SIGINT while run still brings up never starts the command', async (stage) => {
  const project = stage.project(
    profile('p', 'services:\n  a: { image: debian:bookworm-slim, command: sleep 60, ready: { log: never } }\n'),
  );
  const run = project.start('run p --progress plain -- echo it ran');
  await run.said(/waiting for log/);
  run.signal('SIGINT');
  const ended = await run.ended;
  expectCode(ended, 130);
  expect(ended.stdout).toBe('');
  expect(await project.containers()).toEqual([]);
});
