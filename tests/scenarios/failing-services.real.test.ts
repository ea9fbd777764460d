/** A service that cannot become ready ends `up` at once with its own last words, and nothing stays behind. */
import { expect } from 'vitest';
import { dockerEnded, expectCode, oneService, profile, scenario } from './vocabulary.js';

scenario('a container that exits at once ends the wait with its exit code and its last lines', async (stage) => {
  const project = stage.project(profile('p', oneService('command: sh -c "echo going wrong; exit 3"')));
  const up = await project.envctl('up p --progress plain');
  expectCode(up, 4);
  expect(up.stderr).toMatch(/environments\/p\.yaml:2:3 {2}Service "a" exited with code 3/);
  expect(up.stderr).toMatch(/^ +going wrong$/m);
  expect(up.stderr).toMatch(/→ .*log.*--keep/);
  const seconds = (event: string): number => {
    const [, time, unit] = new RegExp(`\\[ *([\\d.]+)(m?s)\\] a +${event}`).exec(up.stderr) ?? [];
    return unit === 'ms' ? Number(time) / 1000 : Number(time);
  };
  expect(seconds('failed') - seconds('starting')).toBeLessThan(3);
});

scenario('a dependent of a service that exits is never started', async (stage) => {
  const project = stage.project(
    profile(
      'p',
      `services:\n  a: { image: debian:bookworm-slim, command: sh -c "sleep 0.3; exit 7", ready: { log: never } }\n  b: { image: debian:bookworm-slim, command: sleep 60, depends_on: [a] }\n`,
    ),
  );
  const up = await project.envctl('up p --keep');
  expectCode(up, 4);
  expect(up.stderr).toContain('Service "a" exited with code 7');
  expect((await project.container('b')).startedAt).toMatch(/^0001/);
  expectCode(await project.envctl('down p'), 0);
});

scenario('a service of a profile that exits 0 is no job unless it says so', async (stage) => {
  const project = stage.project(profile('p', oneService('command: "true"')));
  const up = await project.envctl('up p');
  expectCode(up, 4);
  expect(up.stderr).toMatch(/Service "a" exited with code 0 but is not a job \(`once: true`\)/);
});

scenario('a job is ready when it has exited with 0, and ends the wait with any other code', async (stage) => {
  const project = stage.project({
    ...profile('good', oneService('command: sh -c "sleep 0.3"\nonce: true')),
    ...profile('bad', oneService('command: sh -c "echo no table; exit 3"\nonce: true')),
  });
  const good = await project.envctl('up good');
  expectCode(good, 0);
  expect(good.stderr).toContain('exit 0');
  const bad = await project.envctl('up bad');
  expectCode(bad, 4);
  expect(bad.stderr).toMatch(/Service "a" exited with code 3/);
  expect(bad.stderr).toContain('no table');
  expectCode(await project.envctl('down good'), 0);
});

scenario('a gate that never opens says what it was told last, and what the service wrote last', async (stage) => {
  const project = stage.project(
    profile(
      'p',
      oneService(
        'command: sh -c "echo still thinking; sleep 60"\nready: { exec: [sh, -c, "echo table is missing >&2; false"], timeout: 2s }',
      ),
    ),
  );
  const up = await project.envctl('up p');
  expectCode(up, 17);
  expect(up.stderr).toMatch(/p\.yaml:2:3 {2}Service "a" was not ready after 2\.0s: exit 1: table is missing/);
  expect(up.stderr).toMatch(/^ +still thinking$/m);
  expect(up.stderr).toMatch(/→ .*timeout: 4s/);
  expect(up.ms).toBeLessThan(8000);
});

scenario('a probe that cannot be run at all says so', async (stage) => {
  const project = stage.project(
    profile('p', oneService('command: sleep 60\nready: { exec: [no-such-program], timeout: 1s }')),
  );
  const up = await project.envctl('up p');
  expectCode(up, 17);
  expect(up.stderr).toContain('not found (127)');
});

scenario('a port that only the engine holds open is not taken for a service', async (stage) => {
  const project = stage.project(profile('p', oneService('command: sleep 60\nport: 8080\ntimeout: 2s')));
  const up = await project.envctl('up p');
  expectCode(up, 17);
  expect(up.stderr).toMatch(/Service "a" was not ready after 2\.0s: .*closed/);
});

scenario('--timeout caps the whole of up', async (stage) => {
  const project = stage.project(profile('p', oneService('command: sleep 60\nready: { log: never }')));
  const up = await project.envctl('up p --timeout 2s');
  expectCode(up, 17);
  expect(up.stderr).toContain('Not ready after 2.0s: "a" (log: no log line matches /never/)');
  expect(up.ms).toBeLessThan(8000);
});

scenario('a crash loop is told from a slow start', async (stage) => {
  const project = stage.project(
    profile('p', oneService('command: sh -c "echo boom; exit 1"\nrestart: always\nready: { log: never }')),
  );
  const up = await project.envctl('up p');
  expectCode(up, 4);
  expect(up.stderr).toMatch(/Service "a" keeps crashing \(restarted \d+ times\)/);
  expect(up.stderr).toMatch(/^ +boom$/m);
  expect(up.ms).toBeLessThan(20_000);
});

scenario('a service that was ready and dies while others start is caught before up says ready', async (stage) => {
  const project = stage.project(
    profile(
      'p',
      `services:\n  first: { image: debian:bookworm-slim, command: sh -c "echo up; sleep 2; echo out of luck; exit 9", ready: { log: up } }\n  slow: { image: debian:bookworm-slim, command: sh -c "sleep 4; echo up; sleep 60", ready: { log: up } }\n`,
    ),
  );
  const up = await project.envctl('up p');
  expectCode(up, 4);
  expect(up.stderr).toMatch(/Service "first" is no longer ready: exited with code 9/);
  expect(up.stderr).toContain('out of luck');
});

scenario('a service that fails once and is started again by its restart policy comes up', async (stage) => {
  const project = stage.project(
    profile(
      'p',
      `services:\n  a:\n    image: debian:bookworm-slim\n    command: sh -c "test -e /data/once || { touch /data/once; exit 1; }; echo up; sleep 60"\n    restart: on-failure\n    volumes: ["data:/data"]\n    ready: { log: up }\nvolumes:\n  data:\n`,
    ),
  );
  expectCode(await project.envctl('up p'), 0);
  expectCode(await project.envctl('down p'), 0);
});

scenario('a service that is killed for its memory says so', async (stage) => {
  const project = stage.project(
    profile('p', oneService('command: sh -c "head -c 200m /dev/zero | tail"\nmem_limit: 16m\nready: { log: never }')),
  );
  const up = await project.envctl('up p');
  expectCode(up, 4);
  expect(up.stderr).toMatch(/Service "a" exited with code 137, probably out of memory/);
});

scenario('a container that somebody removes meanwhile is an answer, not a crash of ours', async (stage) => {
  const project = stage.project(profile('p', oneService('command: sleep 60\nready: { log: never, timeout: 20s }')));
  const up = project.start('up p --progress plain');
  await up.said(/waiting for log/);
  const { id } = await project.container('a');
  expect((await dockerEnded(['rm', '-f', id])).code).toBe(0);
  const ended = await up.ended;
  expectCode(ended, 4);
  expect(ended.stderr).toMatch(/Service "a" (was removed|is dead)/);
  expect(ended.ms).toBeLessThan(15_000);
});

scenario('a command that the image does not have is told as such', async (stage) => {
  const project = stage.project(profile('p', oneService('command: [no-such-program]')));
  const up = await project.envctl('up p');
  expectCode(up, 4);
  expect(up.stderr).toMatch(/"a": the image cannot run its command/);
  expect(up.stderr).toContain('no-such-program');
});
