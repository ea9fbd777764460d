/** Interrupts: `up` takes down what it made and says 128 + n; a second one leaves at once and names the command that finishes the job. */
import { expect } from 'vitest';
import { begin, plainEnvironment, program } from '../cli/command.js';
import { docker, expectCode, profile, scenario } from './vocabulary.js';

const stuck = profile(
  'p',
  'services:\n  a: { image: debian:bookworm-slim, command: sleep 60, ready: { log: never } }\n',
);

for (const [name, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  scenario(`${name} while a gate is waited for ends up with ${code} and leaves nothing`, async (stage) => {
    const project = stage.project(stuck);
    const up = project.start('up p --progress plain');
    await up.said(/waiting for log/);
    expect(await project.containers()).toHaveLength(1);
    const asked = performance.now();
    up.signal(name);
    expectCode(await up.ended, code);
    expect(performance.now() - asked).toBeLessThan(10_000);
    expect(await project.containers()).toEqual([]);
    expect(await project.networks()).toEqual([]);
  });
}

scenario('SIGINT while an image is built ends the builder and leaves nothing', async (stage) => {
  const project = stage.project({
    ...profile('p', 'services:\n  a:\n    build: ../app\n'),
    'app/Dockerfile': `FROM debian:bookworm-slim\nRUN echo begun at ${Date.now()} && sleep 60\n`,
  });
  const up = project.start('up p --progress plain');
  await up.said(/building/);
  await new Promise((resolve) => setTimeout(resolve, 500));
  up.signal('SIGINT');
  const ended = await up.ended;
  expectCode(ended, 130);
  expect(ended.ms).toBeLessThan(15_000);
});

scenario('SIGINT while a seed runs leaves nothing', async (stage) => {
  const project = stage.project(
    profile('p', 'services:\n  a: { image: debian:bookworm-slim, command: sleep 60, seed: [{ exec: sleep 30 }] }\n'),
  );
  const up = project.start('up p --progress plain');
  await up.said(/seeding exec/);
  up.signal('SIGINT');
  const ended = await up.ended;
  expectCode(ended, 130);
  expect(ended.ms).toBeLessThan(15_000);
  expect(await project.containers()).toEqual([]);
});

scenario('an interrupted up leaves what ran before as it was', async (stage) => {
  const project = stage.project(profile('p', 'services:\n  old: { image: debian:bookworm-slim, command: sleep 60 }\n'));
  expectCode(await project.envctl('up p'), 0);
  const { id } = await project.container('old');
  project.write(
    'environments/p.yaml',
    'services:\n  old: { image: debian:bookworm-slim, command: sleep 60 }\n  new: { image: debian:bookworm-slim, command: sleep 60, ready: { log: never } }\n',
  );
  const up = project.start('up p --progress plain');
  await up.said(/waiting for log/);
  up.signal('SIGINT');
  expectCode(await up.ended, 130);
  expect((await project.containers()).map((container) => container.id)).toEqual([id]);
  expectCode(await project.envctl('down p'), 0);
});

scenario('a second SIGINT leaves at once and names the command that finishes the job', async (stage) => {
  const project = stage.project(stuck);
  const up = project.start('up p --progress plain');
  await up.said(/waiting for log/);
  const { instance } = await project.container('a');
  up.signal('SIGINT');
  await new Promise((resolve) => setTimeout(resolve, 30));
  const asked = performance.now();
  up.signal('SIGINT');
  const ended = await up.ended;
  expectCode(ended, 130);
  expect(performance.now() - asked).toBeLessThan(1000);
  expect(ended.stderr).toContain(`envctl down ${instance}`);
  expectCode(await project.envctl(['down', instance]), 0);
});

scenario('up that was killed outright is mended by the next up and removed by the next down', async (stage) => {
  const project = stage.project(
    profile(
      'p',
      'services:\n  cache: { template: redis }\n  a: { image: debian:bookworm-slim, command: sleep 60, environment: { CACHE: "${cache.url}" } }\n',
    ),
  );
  for (const moment of [/creating/, /cache +starting/, /waiting|ready/]) {
    const up = project.start('up p --progress plain');
    await up.said(moment);
    up.signal('SIGKILL');
    await up.ended;
  }
  const up = await project.envctl('up p');
  expectCode(up, 0);
  const containers = await project.containers();
  expect(containers.map(({ service, running }) => [service, running])).toEqual([
    ['a', true],
    ['cache', true],
  ]);
  for (const { id } of containers)
    expect(await docker('inspect', '--format', '{{len .NetworkSettings.Networks}}', id)).toBe('1\n');
  expectCode(await project.envctl('down p'), 0);
});

scenario('a reader that closes the pipe is no failure: the work is completed', async (stage) => {
  const project = stage.project(profile('p', 'services:\n  a: { image: debian:bookworm-slim, command: sleep 60 }\n'));
  const line = `"${process.execPath}" "${program}" up p --output json | head -n 1`;
  const piped = await begin(['bash', '-o', 'pipefail', '-c', line], { cwd: project.folder, env: plainEnvironment() })
    .ended;
  expect(piped.stderr).not.toContain('EPIPE');
  expectCode(piped, 0);
  expect((await project.container('a')).running).toBe(true);
  expectCode(await project.envctl('down p'), 0);
});
