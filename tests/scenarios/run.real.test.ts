/** `run`: exits with the code of its command, passes the exports on, and removes what it brought up. */
import { expect } from 'vitest';
import { expectCode, idsOf, profile, scenario } from './vocabulary.js';

const cache = profile('p', 'services:\n  cache: { template: redis }\nexports:\n  MY_CACHE: ${cache.url}/3\n');
const broken = profile(
  'broken',
  'services:\n  a: { image: debian:bookworm-slim, command: sh -c "echo no luck; exit 1" }\n',
);

scenario('run exits with the code of its command and removes what it brought up', async (stage) => {
  const project = stage.project(cache);
  for (const code of [0, 1, 42]) {
    expectCode(await project.envctl(['run', 'p', '--progress', 'plain', '--', 'sh', '-c', `exit ${code}`]), code);
    expect(await project.containers()).toEqual([]);
  }
});

scenario('run exits with 128 + n if a signal kills its command', async (stage) => {
  const project = stage.project(cache);
  expectCode(await project.envctl(['run', 'p', '--', 'sh', '-c', 'kill -9 $$']), 137);
  expect(await project.containers()).toEqual([]);
});

scenario('run exits with 125 if the environment fails, and does not run the command', async (stage) => {
  const project = stage.project(broken);
  const run = await project.envctl('run broken -- echo it ran');
  expectCode(run, 125);
  expect(run.stdout).toBe('');
  expect(run.stderr).toContain('Service "a" exited with code 1');
  expect(run.stderr).toContain('no luck');
});

scenario('run exits with 125 if the profile is invalid or unknown', async (stage) => {
  const project = stage.project(
    profile('typo', 'services:\n  a:\n    image: debian:bookworm-slim\n    comand: sleep 60\n'),
  );
  const typo = await project.envctl('run typo -- echo it ran');
  expectCode(typo, 125);
  expect(typo.stderr).toMatch(/typo\.yaml:4:5 .*"comand"[\s\S]*→ Did you mean "command"\?/);
  expectCode(await project.envctl('run tipo -- echo it ran'), 125);
});

scenario('run exits with 127 if the command does not exist, and removes what it brought up', async (stage) => {
  const project = stage.project(cache);
  const run = await project.envctl('run p -- no-such-program');
  expectCode(run, 127);
  expect(run.stderr).toMatch(/Command "no-such-program" was not found[\s\S]*→ .*PATH/);
  expect(await project.containers()).toEqual([]);
});

scenario('run passes exports and standard input to its command, and leaves stdout to it', async (stage) => {
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
      'echo "$CACHE_HOST $CACHE_PORT"; echo "$MY_CACHE"; echo aside >&2; cat',
    ],
    { input: 'from my stdin\n' },
  );
  expectCode(run, 0);
  const [address, mine, input, ...more] = run.stdout.split('\n');
  expect(address).toMatch(/^127\.0\.0\.1 \d+$/);
  expect(mine).toMatch(/^redis:\/\/:[A-Za-z0-9]+@127\.0\.0\.1:\d+\/3$/);
  expect([input, ...more]).toEqual(['from my stdin', '']);
  expect(run.stderr).toContain('aside');
});

scenario('run uses an instance that already runs, and leaves it up', async (stage) => {
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

scenario('run refuses to recreate a service that has data', async (stage) => {
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
  scenario(`${name} during run reaches the command once, and run removes what it brought up`, async (stage) => {
    const project = stage.project(cache);
    const count = `
      let signals = 0;
      process.on('${name}', () => {
        signals++;
        setTimeout(() => { console.log('signals ' + signals); process.exit(${code}); }, 600);
      });
      setTimeout(() => {}, 60000);
      console.log('listening');
    `;
    const run = project.start(['run', 'p', '--progress', 'plain', '--', process.execPath, '-e', count]);
    await run.untilPrinted(/^listening$/m);
    expect(await project.containers()).toHaveLength(1);
    run.signal(name);
    const ended = await run.ended;
    expectCode(ended, code);
    expect(ended.stdout).toContain('signals 1');
    expect(await project.containers()).toEqual([]);
  });
}

scenario('run passes on the exit code of an interrupted command', async (stage) => {
  const project = stage.project(cache);
  const run = project.start([
    'run',
    'p',
    '--',
    process.execPath,
    '-e',
    `process.on('SIGINT', () => process.exit(7)); setTimeout(() => {}, 60000); console.log('listening')`,
  ]);
  await run.untilPrinted(/^listening$/m);
  run.signal('SIGINT');
  expectCode(await run.ended, 7);
  expect(await project.containers()).toEqual([]);
});

scenario('SIGINT while run brings up does not start the command', async (stage) => {
  const project = stage.project(
    profile('p', 'services:\n  a: { image: debian:bookworm-slim, command: sleep 60, ready: { log: never } }\n'),
  );
  const run = project.start('run p --progress plain -- echo it ran');
  await run.untilPrinted(/waiting for log/);
  run.signal('SIGINT');
  const ended = await run.ended;
  expectCode(ended, 130);
  expect(ended.stdout).toBe('');
  expect(await project.containers()).toEqual([]);
});
