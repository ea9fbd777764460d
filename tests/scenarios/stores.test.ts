/** Where data live, and when they go. */
import { expect } from 'vitest';
import { fill, rows, three } from './three-services.js';
import { expectCode, profile, scenario } from './vocabulary.js';

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
