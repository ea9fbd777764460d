/** A failed `up` saves diagnostics and removes only what it created. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { expectCode, oneService, profile, scenario } from './vocabulary.js';

scenario('a failed up saves diagnostics, and --keep keeps the containers', async (stage) => {
  const project = stage.project(profile('p', oneService('command: sh -c "echo last words; exit 3"')));
  const up = await project.envctl('up p --keep');
  expectCode(up, 4);
  const failures = project.path('.envctl/failures');
  const [folder = ''] = readdirSync(failures).filter((name) => name.startsWith('p-'));
  expect(readdirSync(`${failures}/${folder}`)).toEqual(
    expect.arrayContaining(['a-1.log', 'error.json', 'events.ndjson', 'observed.json']),
  );
  expect(readFileSync(`${failures}/${folder}/a-1.log`, 'utf8')).toContain('last words');
  expect(JSON.parse(readFileSync(`${failures}/${folder}/error.json`, 'utf8'))).toMatchObject({
    code: 'SERVICE_FAILED',
    service: 'a',
  });
  expect((await project.container('a')).running).toBe(false);
  expectCode(await project.envctl('down p'), 0);
});

scenario('a failed up does not touch containers that ran before', async (stage) => {
  const project = stage.project(profile('p', oneService('command: sleep 60')));
  expectCode(await project.envctl('up p'), 0);
  const before = await project.container('a');
  project.write(
    'environments/p.yaml',
    `${oneService('command: sleep 60')}  b: { image: debian:bookworm-slim, command: sh -c "exit 1" }\n`,
  );
  expectCode(await project.envctl('up p'), 4);
  expect((await project.containers()).map(({ id }) => id)).toEqual([before.id]);
  expectCode(await project.envctl('down p'), 0);
});
