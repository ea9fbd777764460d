/** A service that cannot become ready ends `up` at once with its own last words, and nothing stays behind. */
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { expect } from 'vitest';
import { docker, dockerEnded, expectCode, imageHere, profile, scenario } from './vocabulary.js';

const service = (words: string): string => `services:\n  a:\n    image: debian:bookworm-slim\n    ${words.trim().split('\n').join('\n    ')}\n`;

scenario('a container that exits at once ends the wait with its exit code and its last lines', async (stage) => {
  const project = stage.project(profile('p', service('command: sh -c "echo going wrong; exit 3"')));
  const up = await project.envctl('up p');
  expectCode(up, 4);
  expect(up.stderr).toMatch(/environments\/p\.yaml:2:3 {2}a exited \(3\)/);
  expect(up.stderr).toMatch(/^ +going wrong$/m);
  expect(up.stderr).toMatch(/→ .*log.*--keep/);
  expect(up.ms).toBeLessThan(5000);
});

scenario('a dependent of a service that exits is never started', async (stage) => {
  const project = stage.project(
    profile('p', `services:\n  a: { image: debian:bookworm-slim, command: sh -c "sleep 0.3; exit 7", ready: { log: never } }\n  b: { image: debian:bookworm-slim, command: sleep 60, depends_on: [a] }\n`),
  );
  const up = await project.envctl('up p --keep');
  expectCode(up, 4);
  expect(up.stderr).toContain('a exited (7)');
  expect((await project.container('b')).startedAt).toMatch(/^0001/);
  expectCode(await project.envctl('down p'), 0);
});

scenario('a service of a profile that exits 0 is no job unless it says so', async (stage) => {
  const project = stage.project(profile('p', service('command: "true"')));
  const up = await project.envctl('up p');
  expectCode(up, 4);
  expect(up.stderr).toMatch(/a exited 0, but is not a job \(once: true makes it one\)/);
});

scenario('a job is ready when it has exited with 0, and ends the wait with any other code', async (stage) => {
  const project = stage.project({ ...profile('good', service('command: sh -c "sleep 0.3"\nonce: true')), ...profile('bad', service('command: sh -c "echo no table; exit 3"\nonce: true')) });
  const good = await project.envctl('up good');
  expectCode(good, 0);
  expect(good.stderr).toContain('exit 0');
  const bad = await project.envctl('up bad');
  expectCode(bad, 4);
  expect(bad.stderr).toMatch(/a exited \(3\)/);
  expect(bad.stderr).toContain('no table');
  expectCode(await project.envctl('down good'), 0);
});

scenario('a gate that never opens says what it was told last, and what the service wrote last', async (stage) => {
  const project = stage.project(profile('p', service('command: sh -c "echo still thinking; sleep 60"\nready: { exec: [sh, -c, "echo table is missing >&2; false"], timeout: 2s }')));
  const up = await project.envctl('up p');
  expectCode(up, 17);
  expect(up.stderr).toMatch(/p\.yaml:2:3 {2}a was not ready after 2\.0 s: exit 1: table is missing/);
  expect(up.stderr).toMatch(/^ +still thinking$/m);
  expect(up.stderr).toMatch(/→ .*timeout: 4s/);
  expect(up.ms).toBeLessThan(8000);
});

scenario('a probe that cannot be run at all says so', async (stage) => {
  const project = stage.project(profile('p', service('command: sleep 60\nready: { exec: [no-such-program], timeout: 1s }')));
  const up = await project.envctl('up p');
  expectCode(up, 17);
  expect(up.stderr).toContain('not found (127)');
});

scenario('a port that only the engine holds open is not taken for a service', async (stage) => {
  const project = stage.project(profile('p', service('command: sleep 60\nport: 8080\ntimeout: 2s')));
  const up = await project.envctl('up p');
  expectCode(up, 17);
  expect(up.stderr).toMatch(/a was not ready after 2\.0 s: .*closed/);
});

scenario('--timeout caps the whole of up', async (stage) => {
  const project = stage.project(profile('p', service('command: sleep 60\nready: { log: never }')));
  const up = await project.envctl('up p --timeout 2s');
  expectCode(up, 17);
  expect(up.stderr).toContain('not everything was ready after 2 s');
  expect(up.ms).toBeLessThan(8000);
});

scenario('a crash loop is told from a slow start', async (stage) => {
  const project = stage.project(profile('p', service('command: sh -c "echo boom; exit 1"\nrestart: always\nready: { log: never }')));
  const up = await project.envctl('up p');
  expectCode(up, 4);
  expect(up.stderr).toMatch(/a keeps crashing: restarted \d+ times/);
  expect(up.stderr).toMatch(/^ +boom$/m);
  expect(up.ms).toBeLessThan(20_000);
});

scenario('a service that was ready and dies while others start is caught before up says ready', async (stage) => {
  const project = stage.project(
    profile('p', `services:\n  first: { image: debian:bookworm-slim, command: sh -c "echo up; sleep 2; echo out of luck; exit 9", ready: { log: up } }\n  slow: { image: debian:bookworm-slim, command: sh -c "sleep 4; echo up; sleep 60", ready: { log: up } }\n`),
  );
  const up = await project.envctl('up p');
  expectCode(up, 4);
  expect(up.stderr).toMatch(/first was ready, and is no longer: exited \(9\)/);
  expect(up.stderr).toContain('out of luck');
});

scenario('a service that fails once and is started again by its restart policy comes up', async (stage) => {
  const project = stage.project(
    profile('p', `services:\n  a:\n    image: debian:bookworm-slim\n    command: sh -c "test -e /data/once || { touch /data/once; exit 1; }; echo up; sleep 60"\n    restart: on-failure\n    volumes: ["data:/data"]\n    ready: { log: up }\nvolumes:\n  data:\n`),
  );
  expectCode(await project.envctl('up p'), 0);
  expectCode(await project.envctl('down p'), 0);
});

scenario('a service that is killed for its memory says so', async (stage) => {
  const project = stage.project(profile('p', service('command: sh -c "head -c 200m /dev/zero | tail"\nmem_limit: 16m\nready: { log: never }')));
  const up = await project.envctl('up p');
  expectCode(up, 4);
  expect(up.stderr).toMatch(/a exited \(137\), probably out of memory/);
});

scenario('a container of somebody else that has our name is left alone, and told', async (stage) => {
  const project = stage.project(profile('p', service('command: sleep 60')));
  expectCode(await project.envctl('up p'), 0);
  const { name } = await project.container('a');
  expectCode(await project.envctl('down p'), 0);
  const theirs = (await docker('create', '--name', name, await imageHere('debian:bookworm-slim'))).trim();
  try {
    const up = await project.envctl('up p');
    expectCode(up, 8);
    expect(up.stderr).toMatch(new RegExp(`"${name}" is taken by a container that is not envctl's[\\s\\S]*→ .*(Rename|remove)`));
    expectCode(await project.envctl('down p'), 0);
    expect((await dockerEnded(['inspect', theirs])).code).toBe(0);
  } finally {
    await docker('rm', '-f', theirs);
  }
});

scenario('what cannot be taken down is named, and goes with the next down', async (stage) => {
  const project = stage.project(profile('p', service('command: sleep 60')));
  expectCode(await project.envctl('up p'), 0);
  const [network = ''] = await project.networks();
  const theirs = (await docker('create', '--network', network, await imageHere('debian:bookworm-slim'), 'sleep', '60')).trim();
  try {
    await docker('start', theirs);
    const down = await project.envctl('down p');
    expectCode(down, 11);
    expect(down.stderr).toMatch(/is not wholly gone[\s\S]*network [\s\S]*→ .*down again/);
    expect(await project.containers()).toEqual([]);
    expect((await dockerEnded(['inspect', theirs])).code).toBe(0);
  } finally {
    await docker('rm', '-f', theirs);
  }
  expectCode(await project.envctl('down p'), 0);
});

scenario('a container that somebody removes meanwhile is an answer, not a crash of ours', async (stage) => {
  const project = stage.project(profile('p', service('command: sleep 60\nready: { log: never, timeout: 20s }')));
  const up = project.start('up p --progress plain');
  await up.said(/waiting for log/);
  const { id } = await project.container('a');
  expect((await dockerEnded(['rm', '-f', id])).code).toBe(0);
  const ended = await up.ended;
  expectCode(ended, 4);
  expect(ended.stderr).toMatch(/a is gone: somebody removed it|a is dead/);
  expect(ended.ms).toBeLessThan(15_000);
});

scenario('an image that does not exist is found before anything is created', async (stage) => {
  const project = stage.project(profile('p', `services:\n  fine: { image: debian:bookworm-slim, command: sleep 60 }\n  wrong:\n    image: localhost:1/none:1\n`));
  const up = await project.envctl('up p');
  expectCode(up, 5);
  expect(up.stderr).toMatch(/p\.yaml:3:3 {2}Image localhost:1\/none:1 of "wrong"/);
  expect(up.stderr).toMatch(/→ .*(registry|name)/);
  expect(await project.containers()).toEqual([]);
  expect(await project.networks()).toEqual([]);
  expect(up.ms).toBeLessThan(10_000);
});

scenario('a Dockerfile that does not build shows the line it failed at', async (stage) => {
  const project = stage.project({ ...profile('p', 'services:\n  a:\n    build: ../app\n'), 'app/Dockerfile': 'FROM debian:bookworm-slim\nRUN echo the compiler says no && false\n' });
  const up = await project.envctl('up p');
  expectCode(up, 5);
  expect(up.stderr).toMatch(/p\.yaml:2:3 {2}The image of "a" cannot be built/);
  expect(up.stderr).toContain('the compiler says no');
  expect(await project.containers()).toEqual([]);
});

scenario('a command that the image does not have is told as such', async (stage) => {
  const project = stage.project(profile('p', service('command: [no-such-program]')));
  const up = await project.envctl('up p');
  expectCode(up, 4);
  expect(up.stderr).toMatch(/"a": its command cannot be run in the image/);
  expect(up.stderr).toContain('no-such-program');
});

scenario('a fixed port that is taken names the port and its holder', async (stage) => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  const { port } = server.address() as { port: number };
  try {
    const project = stage.project(profile('p', service(`command: sleep 60\nport: "${port}:8080"\nready: running`)));
    const up = await project.envctl('up p');
    expectCode(up, 8);
    expect(up.stderr).toMatch(new RegExp(`p\\.yaml:2:3 {2}Port ${port}, which "a" fixes, is taken`));
    expect(up.stderr).toContain('port: 8080');
    expect(await project.containers()).toEqual([]);
  } finally {
    server.close();
  }
});

scenario('a failure leaves its evidence, and --keep leaves the containers too', async (stage) => {
  const project = stage.project(profile('p', service('command: sh -c "echo last words; exit 3"')));
  const up = await project.envctl('up p --keep');
  expectCode(up, 4);
  const failures = project.path('.envctl/failures');
  const [folder = ''] = readdirSync(failures).filter((name) => name.startsWith('p-'));
  expect(readdirSync(`${failures}/${folder}`)).toEqual(expect.arrayContaining(['a-1.log', 'error.json', 'events.ndjson', 'observed.json']));
  expect(readFileSync(`${failures}/${folder}/a-1.log`, 'utf8')).toContain('last words');
  expect(JSON.parse(readFileSync(`${failures}/${folder}/error.json`, 'utf8'))).toMatchObject({ code: 'SERVICE_FAILED', service: 'a' });
  expect((await project.container('a')).running).toBe(false);
  expectCode(await project.envctl('down p'), 0);
});

scenario('a failed up leaves what ran before as it was', async (stage) => {
  const project = stage.project(profile('p', service('command: sleep 60')));
  expectCode(await project.envctl('up p'), 0);
  const before = await project.container('a');
  project.write('environments/p.yaml', `${service('command: sleep 60')}  b: { image: debian:bookworm-slim, command: sh -c "exit 1" }\n`);
  expectCode(await project.envctl('up p'), 4);
  expect((await project.containers()).map(({ id }) => id)).toEqual([before.id]);
  expectCode(await project.envctl('down p'), 0);
});
