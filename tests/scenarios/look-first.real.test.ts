/** `up` reconciles: it reuses unchanged services, recreates changed ones, and reports the cause. */
import { expect } from 'vitest';
import { fill, rows, small, three } from './three-services.js';
import { expectCode, exportsOf, idsOf, profile, scenario } from './vocabulary.js';

scenario('up recreates only a service that changed, and reports the cause', async (stage) => {
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
  expect(plan.stdout).toMatch(/^reuse db \(unchanged\)/m);
  const changed = await project.envctl('up p --progress plain');
  expectCode(changed, 0);
  expect(changed.stderr).toMatch(/app +starting \(configuration changed\)/);
  const after = idsOf(await project.containers());
  const moved = Object.keys(before).filter((name) => before[name] !== after[name]);
  expect(moved.map((name) => name.replace(/^p-[0-9a-f]{6}-/, ''))).toEqual(['app-1']);
  expect(await rows(project)).toBe('7');
  expectCode(await project.envctl('down p'), 0);
});

scenario('up removes orphans, and a service that is only not selected stays', async (stage) => {
  const project = stage.project(profile('p', small));
  expectCode(await project.envctl('up p'), 0);
  expectCode(await project.envctl('up p app'), 0);
  expect(await project.containers()).toHaveLength(3);
  project.write('environments/p.yaml', small.replace(/ {2}beside.*\n/, ''));
  const up = await project.envctl('up p --progress plain');
  expectCode(up, 0);
  expect((await project.containers()).map(({ service }) => service)).toEqual(['app', 'db']);
  expectCode(await project.envctl('down p'), 0);
});

scenario('up starts selected services with their dependencies, and --without all others', async (stage) => {
  const project = stage.project(profile('p', `${small}exports: { MINE: "\${db.url}", OTHER: "\${app.host}" }\n`));
  expectCode(await project.envctl('up p app'), 0);
  expect((await project.containers()).map(({ service }) => service)).toEqual(['app', 'db']);
  expectCode(await project.envctl('down p'), 0);
  expectCode(await project.envctl('up p --without app'), 0);
  expect((await project.containers()).map(({ service }) => service)).toEqual(['beside', 'db']);
  const exports = await exportsOf(project, 'p');
  expect(exports.MINE).toMatch(/^redis:/);
  expect(exports).not.toHaveProperty('OTHER');
  expectCode(await project.envctl('down p'), 0);
});

scenario('changing scale adds and removes only the highest replicas', async (stage) => {
  const project = stage.project(
    profile(
      'p',
      `parameters: { workers: { default: 1, type: integer } }
services:
  w: { image: debian:bookworm-slim, command: sleep 600, scale: "\${parameters.workers}" }
`,
    ),
  );
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

scenario('a change of a mounted file recreates its service', async (stage) => {
  const project = stage.project({
    ...profile(
      'p',
      `services:
  a: { image: debian:bookworm-slim, command: sleep 600, volumes: ["../conf/a.txt:/a.txt:ro"] }
  b: { image: debian:bookworm-slim, command: sleep 600 }
`,
    ),
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
  expect(
    Object.keys(before)
      .filter((name) => before[name] === after[name])
      .map((name) => name.at(-3)),
  ).toEqual(['b']);
  expectCode(await project.envctl('down p'), 0);
});
