/** Interrupts: the first one cleans up and exits with 128 + n, a second one exits immediately. */
import { expect } from 'vitest';
import { cleanEnv, program, startCommand } from '../cli/command.js';
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
  scenario(`${name} while up waits for a gate exits with ${code} and removes everything`, async (stage) => {
    const project = stage.project(stuck);
    const up = project.start('up p --progress plain');
    await up.untilPrinted(/waiting for log/);
    expect(await project.containers()).toHaveLength(1);
    const asked = performance.now();
    up.signal(name);
    expectCode(await up.ended, code);
    expect(performance.now() - asked).toBeLessThan(10_000);
    expect(await project.containers()).toEqual([]);
    expect(await project.networks()).toEqual([]);
  });
}

scenario('SIGINT while an image is built ends the build', async (stage) => {
  const project = stage.project({
    ...profile('p', 'services:\n  a:\n    build: ../app\n'),
    'app/Dockerfile': `FROM debian:bookworm-slim\nRUN echo started at ${Date.now()} && sleep 60\n`,
  });
  const up = project.start('up p --progress plain');
  await up.untilPrinted(/building/);
  await new Promise((resolve) => setTimeout(resolve, 500));
  up.signal('SIGINT');
  const ended = await up.ended;
  expectCode(ended, 130);
  expect(ended.ms).toBeLessThan(15_000);
});

scenario('SIGINT while a seed runs removes everything', async (stage) => {
  const project = stage.project(
    profile('p', 'services:\n  a: { image: debian:bookworm-slim, command: sleep 60, seed: [{ exec: sleep 30 }] }\n'),
  );
  const up = project.start('up p --progress plain');
  await up.untilPrinted(/seeding exec/);
  up.signal('SIGINT');
  const ended = await up.ended;
  expectCode(ended, 130);
  expect(ended.ms).toBeLessThan(15_000);
  expect(await project.containers()).toEqual([]);
});

scenario('an interrupted up does not touch containers that ran before', async (stage) => {
  const project = stage.project(profile('p', 'services:\n  old: { image: debian:bookworm-slim, command: sleep 60 }\n'));
  expectCode(await project.envctl('up p'), 0);
  const { id } = await project.container('old');
  project.write(
    'environments/p.yaml',
    `services:
  old: { image: debian:bookworm-slim, command: sleep 60 }
  new: { image: debian:bookworm-slim, command: sleep 60, ready: { log: never } }
`,
  );
  const up = project.start('up p --progress plain');
  await up.untilPrinted(/waiting for log/);
  up.signal('SIGINT');
  expectCode(await up.ended, 130);
  expect((await project.containers()).map((container) => container.id)).toEqual([id]);
  expectCode(await project.envctl('down p'), 0);
});

scenario('a second SIGINT exits immediately and prints the command that cleans up', async (stage) => {
  const project = stage.project(stuck);
  const up = project.start('up p --progress plain');
  await up.untilPrinted(/waiting for log/);
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

scenario('the next up recovers from an up that was killed, and down removes it', async (stage) => {
  const project = stage.project(
    profile(
      'p',
      `services:
  cache: { template: redis }
  a: { image: debian:bookworm-slim, command: sleep 60, environment: { CACHE: "\${cache.url}" } }
`,
    ),
  );
  for (const moment of [/creating/, /cache +starting/, /waiting|ready/]) {
    const up = project.start('up p --progress plain');
    await up.untilPrinted(moment);
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

scenario('up completes if the reader of its output closes the pipe', async (stage) => {
  const project = stage.project(profile('p', 'services:\n  a: { image: debian:bookworm-slim, command: sleep 60 }\n'));
  const line = `"${process.execPath}" "${program}" up p --output json | head -n 1`;
  const piped = await startCommand(['bash', '-o', 'pipefail', '-c', line], { cwd: project.folder, env: cleanEnv() })
    .ended;
  expect(piped.stderr).not.toContain('EPIPE');
  expectCode(piped, 0);
  expect((await project.container('a')).running).toBe(true);
  expectCode(await project.envctl('down p'), 0);
});
