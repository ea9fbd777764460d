/** A service that cannot become ready ends `up` at once with its last log lines, and everything is removed. */
import { expect } from 'vitest';
import { dockerEnded, expectCode, oneService, profile, scenario } from './vocabulary.js';

scenario('up ends with the exit code and the last log lines of a container that exits', async (stage) => {
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

scenario('a service whose dependency exits is never started', async (stage) => {
  const project = stage.project(
    profile(
      'p',
      `services:
  a: { image: debian:bookworm-slim, command: sh -c "sleep 0.3; exit 7", ready: { log: never } }
  b: { image: debian:bookworm-slim, command: sleep 60, depends_on: [a] }
`,
    ),
  );
  const up = await project.envctl('up p --keep');
  expectCode(up, 4);
  expect(up.stderr).toContain('Service "a" exited with code 7');
  expect((await project.container('b')).startedAt).toMatch(/^0001/);
  expectCode(await project.envctl('down p'), 0);
});

scenario('a service that exits with 0 fails unless it is declared as a job', async (stage) => {
  const project = stage.project(profile('p', oneService('command: "true"')));
  const up = await project.envctl('up p');
  expectCode(up, 4);
  expect(up.stderr).toMatch(/Service "a" exited with code 0 but is not a job \(`once: true`\)/);
});

scenario('a job is ready when it exits with 0, and fails with any other code', async (stage) => {
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

scenario('a gate timeout reports the last answer of the probe and the last log lines', async (stage) => {
  const project = stage.project(
    profile(
      'p',
      oneService(
        `command: sh -c "echo still thinking; sleep 60"
ready: { exec: [sh, -c, "echo table is missing >&2; false"], timeout: 2s }`,
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

scenario('a gate timeout reports an exec probe whose program does not exist', async (stage) => {
  const project = stage.project(
    profile('p', oneService('command: sleep 60\nready: { exec: [no-such-program], timeout: 1s }')),
  );
  const up = await project.envctl('up p');
  expectCode(up, 17);
  expect(up.stderr).toContain('not found (127)');
});

scenario('a port that only the engine holds open does not count as ready', async (stage) => {
  const project = stage.project(profile('p', oneService('command: sleep 60\nport: 8080\ntimeout: 2s')));
  const up = await project.envctl('up p');
  expectCode(up, 17);
  expect(up.stderr).toMatch(/Service "a" was not ready after 2\.0s: .*closed/);
});

scenario('--timeout limits the total time of up', async (stage) => {
  const project = stage.project(profile('p', oneService('command: sleep 60\nready: { log: never }')));
  const up = await project.envctl('up p --timeout 2s');
  expectCode(up, 17);
  expect(up.stderr).toContain('Not ready after 2.0s: "a" (log: no log line matches /never/)');
  expect(up.ms).toBeLessThan(8000);
});

scenario('a crash loop ends up before the gate times out', async (stage) => {
  const project = stage.project(
    profile('p', oneService('command: sh -c "echo boom; exit 1"\nrestart: always\nready: { log: never }')),
  );
  const up = await project.envctl('up p');
  expectCode(up, 4);
  expect(up.stderr).toMatch(/Service "a" keeps crashing \(restarted \d+ times\)/);
  expect(up.stderr).toMatch(/^ +boom$/m);
  expect(up.ms).toBeLessThan(20_000);
});

scenario('up fails if a service that was ready exits while others start', async (stage) => {
  const project = stage.project(
    profile(
      'p',
      `services:
  first: { image: debian:bookworm-slim, command: sh -c "echo up; sleep 2; echo no luck; exit 9", ready: { log: up } }
  slow: { image: debian:bookworm-slim, command: sh -c "sleep 4; echo up; sleep 60", ready: { log: up } }
`,
    ),
  );
  const up = await project.envctl('up p');
  expectCode(up, 4);
  expect(up.stderr).toMatch(/Service "first" is no longer ready: exited with code 9/);
  expect(up.stderr).toContain('no luck');
});

scenario('a service that its restart policy restarts after a failure becomes ready', async (stage) => {
  const project = stage.project(
    profile(
      'p',
      `services:
  a:
    image: debian:bookworm-slim
    command: sh -c "test -e /data/once || { touch /data/once; exit 1; }; echo up; sleep 60"
    restart: on-failure
    volumes: ["data:/data"]
    ready: { log: up }
volumes:
  data:
`,
    ),
  );
  expectCode(await project.envctl('up p'), 0);
  expectCode(await project.envctl('down p'), 0);
});

scenario('up reports a service that ran out of memory', async (stage) => {
  const project = stage.project(
    profile('p', oneService('command: sh -c "head -c 200m /dev/zero | tail"\nmem_limit: 16m\nready: { log: never }')),
  );
  const up = await project.envctl('up p');
  expectCode(up, 4);
  expect(up.stderr).toMatch(/Service "a" exited with code 137, probably out of memory/);
});

scenario('up reports a container that is removed while its gate is waited for', async (stage) => {
  const project = stage.project(profile('p', oneService('command: sleep 60\nready: { log: never, timeout: 20s }')));
  const up = project.start('up p --progress plain');
  await up.untilPrinted(/waiting for log/);
  const { id } = await project.container('a');
  expect((await dockerEnded(['rm', '-f', id])).code).toBe(0);
  const ended = await up.ended;
  expectCode(ended, 4);
  expect(ended.stderr).toMatch(/Service "a" (was removed|is dead)/);
  expect(ended.ms).toBeLessThan(15_000);
});

scenario('up reports a command that the image does not have', async (stage) => {
  const project = stage.project(profile('p', oneService('command: [no-such-program]')));
  const up = await project.envctl('up p');
  expectCode(up, 4);
  expect(up.stderr).toMatch(/"a": the image cannot run its command/);
  expect(up.stderr).toContain('no-such-program');
});
