/** The engine's labels are all that envctl has to know: nothing is lost with its own files. */
import { readdirSync, rmSync } from 'node:fs';
import { expect } from 'vitest';
import { fill, rows, small, three } from './three-services.js';
import { docker, expectCode, exportsOf, idsOf, profile, scenario } from './vocabulary.js';

scenario('status, env and up work from labels after .envctl was deleted, and up recreates nothing', async (stage) => {
  const project = stage.project(profile('p', three()));
  expectCode(await project.envctl('up p'), 0);
  await fill(project);
  const [before, exports] = [idsOf(await project.containers()), await exportsOf(project, 'p')];
  rmSync(project.path('.envctl'), { recursive: true });
  // The user's key too: the variables of an existing container come first.
  rmSync(project.path('../user'), { recursive: true });
  expect((await project.envctl('status p')).stdout).toMatch(/db +db +running +ready/);
  expect(await exportsOf(project, 'p')).toEqual(exports);
  expectCode(await project.envctl('up p'), 0);
  expect(idsOf(await project.containers())).toEqual(before);
  expect(await rows(project)).toBe('7');
  rmSync(project.path('.envctl'), { recursive: true });
  expectCode(await project.envctl('down p'), 0);
  expect(await project.containers()).toEqual([]);
});

scenario('status, env and down accept the instance id after the profile was deleted', async (stage) => {
  const project = stage.project(profile('p', small));
  expectCode(await project.envctl('up p'), 0);
  const { instance } = await project.container('db');
  rmSync(project.path('environments'), { recursive: true });
  expect((await project.envctl('ls')).stdout).toMatch(new RegExp(`^${instance} +p +compose +3/3 running`, 'm'));
  expect((await project.envctl(['status', instance])).stdout).toMatch(/db +cache +running +ready/);
  expectCode(await project.envctl(['env', instance]), 0);
  expectCode(await project.envctl(['down', instance]), 0);
  expect(readdirSync(project.path('.envctl'))).not.toContain(instance);
});

scenario('up brings manually stopped or removed services back with their data', async (stage) => {
  const project = stage.project(profile('p', three()));
  expectCode(await project.envctl('up p'), 0);
  await fill(project);
  const [db, app] = [await project.container('db'), await project.container('app')];
  await docker('stop', '-t', '20', db.id);
  await docker('rm', '-f', app.id);
  const status = await project.envctl('status p');
  expect(status.stdout).toMatch(/db +db +exited/);
  expectCode(await project.envctl('up p'), 0);
  expect((await project.container('db')).id).toBe(db.id);
  expect((await project.container('app')).running).toBe(true);
  expect(await rows(project)).toBe('7');
  expectCode(await project.envctl('down p'), 0);
});
