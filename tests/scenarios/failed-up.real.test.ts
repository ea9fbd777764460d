/** A failed `up` keeps its evidence and removes what it made itself, nothing else. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { expectCode, oneService, profile, scenario } from './vocabulary.js';

scenario('a failure leaves its evidence, and --keep leaves the containers too', async (stage) => {
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

scenario('a failed up leaves what ran before as it was', async (stage) => {
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
