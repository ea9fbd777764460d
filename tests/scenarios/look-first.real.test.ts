/** `up` looks first: unchanged is kept, changed is recreated with those that need it, and the cause is told. */
import { expect } from 'vitest';
import { fill, rows, small, three } from './three-services.js';
import { expectCode, exportsOf, idsOf, profile, scenario } from './vocabulary.js';

scenario(
  'a service that changed is recreated with what needs it, and nothing else; the cause is told',
  async (stage) => {
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
  },
);

scenario('a service that the profile no longer has is removed, and one that is only not named stays', async (stage) => {
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

scenario(
  'up of some services brings those and what they need; --without brings all others, without the exports that need it',
  async (stage) => {
    const project = stage.project(profile('p', `${small}exports: { MINE: "\${db.url}", HERS: "\${app.host}" }\n`));
    expectCode(await project.envctl('up p app'), 0);
    expect((await project.containers()).map(({ service }) => service)).toEqual(['app', 'db']);
    expectCode(await project.envctl('down p'), 0);
    expectCode(await project.envctl('up p --without app'), 0);
    expect((await project.containers()).map(({ service }) => service)).toEqual(['beside', 'db']);
    const told = await exportsOf(project, 'p');
    expect(told.MINE).toMatch(/^redis:/);
    expect(told).not.toHaveProperty('HERS');
    expectCode(await project.envctl('down p'), 0);
  },
);

scenario('scale adds and removes the highest replicas only', async (stage) => {
  const project = stage.project(
    profile(
      'p',
      'parameters: { workers: { default: 1, type: integer } }\nservices:\n  w: { image: debian:bookworm-slim, command: sleep 600, scale: "${parameters.workers}" }\n',
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

scenario('a mounted file that changed recreates its service', async (stage) => {
  const project = stage.project({
    ...profile(
      'p',
      'services:\n  a: { image: debian:bookworm-slim, command: sleep 600, volumes: ["../conf/a.txt:/a.txt:ro"] }\n  b: { image: debian:bookworm-slim, command: sleep 600 }\n',
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
