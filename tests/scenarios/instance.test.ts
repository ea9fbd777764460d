/** `up` looks first: unchanged is kept, changed is recreated with those that need it, and the engine's labels are all it has to know. */
import { readdirSync, rmSync } from 'node:fs';
import { expect } from 'vitest';
import { docker, expectCode, exportsOf, idsOf, lines, type Project, profile, scenario } from './vocabulary.js';

const three = (more = ''): string => `services:
  db: { template: postgres }
  app: { image: debian:bookworm-slim, command: sleep 600, environment: { DATABASE_URL: "\${db.url}"${more} } }
  beside: { image: debian:bookworm-slim, command: sleep 600 }
`;

const rows = async (project: Project): Promise<string> => (await project.envctl(['exec', '-T', 'p', 'db', 'sh', '-c', 'psql -qAt -h 127.0.0.1 -U "$POSTGRES_USER" "$POSTGRES_DB" -c "select count(*) from kept"'])).stdout.trim();
const fill = (project: Project): Promise<unknown> =>
  project.envctl(['exec', '-T', 'p', 'db', 'sh', '-c', 'psql -qAt -h 127.0.0.1 -U "$POSTGRES_USER" "$POSTGRES_DB" -c "create table kept as select generate_series(1, 7)"']);

scenario('a service that changed is recreated with what needs it, and nothing else; the cause is told', async (stage) => {
  const project = stage.project(profile('p', three()));
  expectCode(await project.envctl('up p'), 0);
  await fill(project);
  const before = idsOf(await project.containers());

  const again = await project.envctl('up p --progress plain');
  expectCode(again, 0);
  expect(idsOf(await project.containers())).toEqual(before);

  project.write('environments/p.yaml', three(', NEW: value'));
  const plan = await project.envctl('plan p');
  expect(plan.stdout).toMatch(/^remove app \(configuration changed\)/m);
  expect(plan.stdout).toMatch(/^keep db \(unchanged\)/m);
  const changed = await project.envctl('up p --progress plain');
  expectCode(changed, 0);
  expect(changed.stderr).toMatch(/app +starting \(configuration changed\)/);
  const after = idsOf(await project.containers());
  const moved = Object.keys(before).filter((name) => before[name] !== after[name]);
  expect(moved.map((name) => name.replace(/^p-[0-9a-f]{6}-/, ''))).toEqual(['app-1']);
  expect(await rows(project)).toBe('7');
  expectCode(await project.envctl('down p'), 0);
});

scenario('data on disk outlive the container of their store, and down says that it removed them', async (stage) => {
  const project = stage.project(profile('p', three()));
  expectCode(await project.envctl('up p'), 0);
  await fill(project);
  const before = await project.container('db');
  expect(await project.volumes()).toHaveLength(1);
  project.write('environments/p.yaml', three().replace('template: postgres', 'template: postgres, environment: { TZ: UTC }'));
  const up = await project.envctl('up p --progress plain');
  expectCode(up, 0);
  expect((await project.container('db')).id).not.toBe(before.id);
  expect(up.stderr).toMatch(/app +starting \(db is renewed\)/);
  expect(await rows(project)).toBe('7');
  const down = await project.envctl('down p --progress plain');
  expectCode(down, 0);
  expect(down.stderr).toMatch(/removed data/);
});

scenario('data that are to be kept outlive down, and are there again after the next up', async (stage) => {
  const project = stage.project(profile('p', three()));
  expectCode(await project.envctl('up p'), 0);
  await fill(project);
  expectCode(await project.envctl('down p --keep-data'), 0);
  expect(await project.containers()).toEqual([]);
  expect(await project.volumes()).toHaveLength(1);
  expectCode(await project.envctl('up p'), 0);
  expect(await rows(project)).toBe('7');
  expectCode(await project.envctl('down p'), 0);
});

scenario('an ephemeral instance keeps its stores in memory: no volume is ever made', async (stage) => {
  const project = stage.project(profile('p', three()));
  expectCode(await project.envctl('up p --ephemeral'), 0);
  expect(await project.volumes()).toEqual([]);
  expect((await project.container('db')).volumes).toEqual([]);
  const again = await project.envctl('up p --progress plain');
  expectCode(again, 0);
  expect(again.stderr).toMatch(/db +kept \(unchanged\)/);
  expectCode(await project.envctl('down p'), 0);
});

scenario('with .envctl deleted everything works from the labels, and up recreates nothing', async (stage) => {
  const project = stage.project(profile('p', three()));
  expectCode(await project.envctl('up p'), 0);
  await fill(project);
  const [before, told] = [idsOf(await project.containers()), await exportsOf(project, 'p')];
  rmSync(project.path('.envctl'), { recursive: true });
  rmSync(project.path('../user'), { recursive: true }); // the user's key too: an existing container's own environment wins
  expect((await project.envctl('status p')).stdout).toMatch(/db +db +running +ready/);
  expect(await exportsOf(project, 'p')).toEqual(told);
  expectCode(await project.envctl('up p'), 0);
  expect(idsOf(await project.containers())).toEqual(before);
  expect(await rows(project)).toBe('7');
  rmSync(project.path('.envctl'), { recursive: true });
  expectCode(await project.envctl('down p'), 0);
  expect(await project.containers()).toEqual([]);
});

scenario('with the profile deleted, the id that ls shows is enough', async (stage) => {
  const project = stage.project(profile('p', three()));
  expectCode(await project.envctl('up p'), 0);
  const { instance } = await project.container('db');
  rmSync(project.path('environments'), { recursive: true });
  expect((await project.envctl('ls')).stdout).toMatch(new RegExp(`^${instance} +p +compose +3/3 running`, 'm'));
  expect((await project.envctl(['status', instance])).stdout).toMatch(/db +db +running +ready/);
  expectCode(await project.envctl(['env', instance]), 0);
  expectCode(await project.envctl(['down', instance]), 0);
  expect(readdirSync(project.path('.envctl'))).not.toContain(instance);
});

scenario('what was stopped or removed by hand is told, and up brings it back with its data', async (stage) => {
  const project = stage.project(profile('p', three()));
  expectCode(await project.envctl('up p'), 0);
  await fill(project);
  const [db, app] = [await project.container('db'), await project.container('app')];
  await docker('stop', '-t', '0', db.id);
  await docker('rm', '-f', app.id);
  const status = await project.envctl('status p');
  expect(status.stdout).toMatch(/db +db +exited/);
  expectCode(await project.envctl('up p'), 0);
  expect((await project.container('db')).id).toBe(db.id);
  expect((await project.container('app')).running).toBe(true);
  expect(await rows(project)).toBe('7');
  expectCode(await project.envctl('down p'), 0);
});

scenario('a service that the profile no longer has is removed, and one that is only not named stays', async (stage) => {
  const project = stage.project(profile('p', three()));
  expectCode(await project.envctl('up p'), 0);
  expectCode(await project.envctl('up p app'), 0);
  expect(await project.containers()).toHaveLength(3);
  project.write('environments/p.yaml', three().replace(/ {2}beside.*\n/, ''));
  const up = await project.envctl('up p --progress plain');
  expectCode(up, 0);
  expect((await project.containers()).map(({ service }) => service)).toEqual(['app', 'db']);
  expectCode(await project.envctl('down p'), 0);
});

scenario('up of some services brings those and what they need; --without brings all others, without the exports that need it', async (stage) => {
  const project = stage.project(profile('p', `${three()}exports: { MINE: "\${db.url}", HERS: "\${app.host}" }\n`));
  expectCode(await project.envctl('up p app'), 0);
  expect((await project.containers()).map(({ service }) => service)).toEqual(['app', 'db']);
  expectCode(await project.envctl('down p'), 0);
  expectCode(await project.envctl('up p --without app'), 0);
  expect((await project.containers()).map(({ service }) => service)).toEqual(['beside', 'db']);
  const told = await exportsOf(project, 'p');
  expect(told.MINE).toMatch(/^postgresql:/);
  expect(told).not.toHaveProperty('HERS');
  expectCode(await project.envctl('down p'), 0);
});

scenario('scale adds and removes the highest replicas only', async (stage) => {
  const project = stage.project(profile('p', 'parameters: { workers: { default: 1, type: integer } }\nservices:\n  w: { image: debian:bookworm-slim, command: sleep 600, scale: "${parameters.workers}" }\n'));
  expectCode(await project.envctl('up p --set workers=2'), 0);
  const two = idsOf(await project.containers());
  expectCode(await project.envctl('up p --set workers=3'), 0);
  const third = idsOf(await project.containers());
  expect(third).toMatchObject(two);
  expect(Object.keys(third)).toHaveLength(3);
  expectCode(await project.envctl('up p', { env: { ENVCTL_PARAM_WORKERS: '1' } }), 0);
  const [first = ''] = Object.keys(two).sort();
  expect(idsOf(await project.containers())).toEqual({ [first]: two[first] });
  expectCode(await project.envctl('down p'), 0);
});

scenario('a mounted file that changed recreates its service', async (stage) => {
  const project = stage.project({
    ...profile('p', 'services:\n  a: { image: debian:bookworm-slim, command: sleep 600, volumes: ["../conf/a.txt:/a.txt:ro"] }\n  b: { image: debian:bookworm-slim, command: sleep 600 }\n'),
    'conf/a.txt': 'one',
  });
  expectCode(await project.envctl('up p'), 0);
  const before = idsOf(await project.containers());
  project.write('conf/a.txt', 'two');
  const up = await project.envctl('up p --progress plain');
  expectCode(up, 0);
  expect(up.stderr).toContain('mounted files changed');
  expect((await project.envctl('exec -T p a cat /a.txt')).stdout).toBe('two');
  const after = idsOf(await project.containers());
  expect(Object.keys(before).filter((name) => before[name] === after[name]).map((name) => name.at(-3))).toEqual(['b']);
  expectCode(await project.envctl('down p'), 0);
});

scenario('logs, exec, port and restart reach the services', async (stage) => {
  const project = stage.project(profile('p', 'services:\n  cache: { template: redis }\n  a: { image: debian:bookworm-slim, command: sh -c "echo one; echo two; sleep 600" }\n'));
  expectCode(await project.envctl('up p'), 0);
  expect((await project.envctl('logs p a')).stdout).toBe('one\ntwo\n');
  expect((await project.envctl('logs p a --tail 1')).stdout).toBe('two\n');
  expect(lines((await project.envctl('logs p')).stdout).every((line) => /^(cache|a) +\| /.test(line))).toBe(true);
  expectCode(await project.envctl(['exec', '-T', 'p', 'a', '--', 'sh', '-c', 'exit 5']), 5);
  const port = (await project.envctl('port p cache')).stdout.trim();
  expect((await project.container('cache')).published['6379/tcp']).toEqual([port]);
  const before = await project.container('a');
  expectCode(await project.envctl('restart p a'), 0);
  const after = await project.container('a');
  expect(after.id).toBe(before.id);
  expect(after.startedAt).not.toBe(before.startedAt);
  const unknown = await project.envctl('logs p aa');
  expect(unknown.code).toBe(2);
  expect(unknown.stderr).toMatch(/nothing of "aa" runs/);
  expectCode(await project.envctl('down p'), 0);
});
