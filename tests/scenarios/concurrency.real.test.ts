/** One command at a time changes an instance, others wait; different projects are isolated. */
import { expect } from 'vitest';
import { expectCode, idsOf, profile, scenario } from './vocabulary.js';

const slow = profile(
  'p',
  'services:\n  a: { image: debian:bookworm-slim, command: sh -c "sleep 5; echo up; sleep 60", ready: { log: up } }\n',
);

scenario('a second up waits for the first, reports it, and reuses everything', async (stage) => {
  const project = stage.project(slow);
  const first = project.start('up p --progress plain');
  await first.untilPrinted(/waiting for log/);
  const before = idsOf(await project.containers());
  const second = await project.envctl('up p --progress plain');
  expectCode(second, 0);
  expect(second.stderr).toMatch(/note: Waiting for another envctl command on p-[0-9a-f]{6}/);
  expect(second.stderr).toContain('reused (unchanged)');
  expectCode(await first.ended, 0);
  expect(idsOf(await project.containers())).toEqual(before);
  expectCode(await project.envctl('down p'), 0);
});

scenario('down waits for a running up and then removes everything', async (stage) => {
  const project = stage.project(slow);
  const up = project.start('up p --progress plain');
  await up.untilPrinted(/waiting for log/);
  const down = await project.envctl('down p --progress plain');
  expectCode(down, 0);
  expect(down.stderr).toContain('Waiting for another envctl command');
  expectCode(await up.ended, 0);
  expect(await project.containers()).toEqual([]);
});

scenario('status does not wait for a running up', async (stage) => {
  const project = stage.project(slow);
  const up = project.start('up p --progress plain');
  await up.untilPrinted(/waiting for log/);
  const status = await project.envctl('status p --output json');
  expectCode(status, 0);
  expect(up.output()).not.toContain('is ready');
  expect(JSON.parse(status.stdout)).toMatchObject({ services: [{ service: 'a', state: 'running' }] });
  expectCode(await up.ended, 0);
  expectCode(await project.envctl('down p'), 0);
});

scenario('interrupting a waiting command does not affect the command that holds the lock', async (stage) => {
  const project = stage.project(slow);
  const first = project.start('up p --progress plain');
  await first.untilPrinted(/waiting for log/);
  const second = project.start('up p --progress plain');
  await second.untilPrinted(/Waiting for another/);
  second.signal('SIGINT');
  expectCode(await second.ended, 130);
  expectCode(await first.ended, 0);
  expect((await project.container('a')).running).toBe(true);
  expectCode(await project.envctl('down p'), 0);
});

scenario('a killed up leaves no lock behind', async (stage) => {
  const project = stage.project(slow);
  const up = project.start('up p --progress plain');
  await up.untilPrinted(/waiting for log/);
  up.signal('SIGKILL');
  await up.ended;
  const down = await project.envctl('down p');
  expectCode(down, 0);
  expect(down.ms).toBeLessThan(5000);
});

scenario('the same profile in two folders is two instances, and down removes only one', async (stage) => {
  const [one, two] = [stage.project(slow), stage.project(slow)];
  const ups = await Promise.all([one.envctl('up p'), two.envctl('up p')]);
  for (const up of ups) expectCode(up, 0);
  const [mine, other] = [await one.container('a'), await two.container('a')];
  expect(mine.instance).not.toBe(other.instance);
  expect(mine.networks).not.toEqual(other.networks);
  expectCode(await one.envctl('down p'), 0);
  expect((await two.container('a')).running).toBe(true);
  expectCode(await two.envctl('down p'), 0);
});
