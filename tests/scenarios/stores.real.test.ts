/** Storage of data, and when it is removed. */
import { rmSync } from 'node:fs';
import { expect } from 'vitest';
import { fill, rows, three } from './three-services.js';
import { expectCode, profile, scenario } from './vocabulary.js';

scenario('data on disk survives a recreated container, and down reports its removal', async (stage) => {
  const project = stage.project(profile('p', three()));
  expectCode(await project.envctl('up p'), 0);
  await fill(project);
  const before = await project.container('db');
  expect(await project.volumes()).toHaveLength(1);
  project.write(
    'environments/p.yaml',
    three().replace('template: postgres', 'template: postgres, environment: { TZ: UTC }'),
  );
  const up = await project.envctl('up p --progress plain');
  expectCode(up, 0);
  expect((await project.container('db')).id).not.toBe(before.id);
  expect(up.stderr).toMatch(/app +starting \(db is recreated\)/);
  expect(await rows(project)).toBe('7');
  const down = await project.envctl('down p --progress plain');
  expectCode(down, 0);
  expect(down.stderr).toMatch(/removed data/);
});

scenario('down --keep-data keeps the data for the next up', async (stage) => {
  const project = stage.project(profile('p', three()));
  expectCode(await project.envctl('up p'), 0);
  await fill(project);
  expectCode(await project.envctl('down p --keep-data'), 0);
  expect(await project.containers()).toEqual([]);
  expect(await project.volumes()).toHaveLength(1);
  expectCode(await project.envctl('up p'), 0);
  expect(await rows(project)).toBe('7');
  expectCode(await project.envctl('down p'), 0);
  expect(await project.volumes()).toEqual([]);
});

scenario('ls lists kept data, and neither run nor a failed up removes it', async (stage) => {
  const project = stage.project(profile('p', three()));
  expectCode(await project.envctl('up p'), 0);
  await fill(project);
  expectCode(await project.envctl('down p --keep-data'), 0);
  const [volume = ''] = await project.volumes();
  const { instances } = JSON.parse((await project.envctl('ls --output json')).stdout) as {
    instances: { instance: string; kept: string[] }[];
  };
  expect(instances.find(({ kept }) => kept.includes(volume))).toMatchObject({
    profile: 'p',
    services: 0,
    state: 'down',
    kept: [volume],
  });
  expectCode(await project.envctl(['run', 'p', '--', 'true']), 0);
  expect(await project.volumes()).toEqual([volume]);
  project.write('environments/p.yaml', three().replace('sleep 600', '"false"'));
  expectCode(await project.envctl('up p'), 4);
  expect(await project.containers()).toEqual([]);
  expect(await project.volumes()).toEqual([volume]);
  project.write('environments/p.yaml', three());
  expectCode(await project.envctl('up p'), 0);
  expect(await rows(project)).toBe('7');
  expectCode(await project.envctl('down p'), 0);
});

scenario('an instance with kept data comes up again on the engine that has the data', async (stage) => {
  const project = stage.project(profile('p', 'services:\n  db: { template: postgres }\n'));
  expectCode(await project.envctl('up p --engine embedded'), 0);
  expectCode(await project.envctl('down p --keep-data'), 0);
  type Row = { readonly instance: string; readonly engine: string; readonly kept: readonly string[] };
  const listed = async (): Promise<readonly Row[]> =>
    (JSON.parse((await project.envctl('ls --output json')).stdout) as { readonly instances: readonly Row[] }).instances;
  const kept = (await listed()).find(({ engine, kept: names }) => engine === 'embedded' && names.length > 0);
  expect(kept?.instance).toMatch(/^p-/);
  const run = await project.envctl(['run', 'p', '--', 'true']);
  expectCode(run, 2);
  expect(run.stderr).toMatch(/"db" has kept data on disk.*DATA_AT_RISK/);
  rmSync(project.path('.envctl'), { recursive: true });
  const up = await project.envctl('up p --progress plain');
  expectCode(up, 0);
  expect(up.stderr).toMatch(/Using engine "embedded": it has data of this instance/);
  expect(await project.containers()).toEqual([]);
  expectCode(await project.envctl('down p'), 0);
  expect((await listed()).map(({ instance }) => instance)).not.toContain(kept?.instance);
});

scenario('up --ephemeral creates no volume, and a later up reuses the services', async (stage) => {
  const project = stage.project(profile('p', three()));
  expectCode(await project.envctl('up p --ephemeral'), 0);
  expect(await project.volumes()).toEqual([]);
  expect((await project.container('db')).volumes).toEqual([]);
  const again = await project.envctl('up p --progress plain');
  expectCode(again, 0);
  expect(again.stderr).toMatch(/db +reused \(unchanged\)/);
  expectCode(await project.envctl('down p'), 0);
});
