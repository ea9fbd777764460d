/** What is not envctl's own is told and left alone. */
import { expect } from 'vitest';
import { docker, dockerEnded, expectCode, imageHere, oneService, profile, scenario } from './vocabulary.js';

scenario('a container of somebody else that has our name is left alone, and told', async (stage) => {
  const project = stage.project(profile('p', oneService('command: sleep 60')));
  expectCode(await project.envctl('up p'), 0);
  const { name } = await project.container('a');
  expectCode(await project.envctl('down p'), 0);
  const theirs = (await docker('create', '--name', name, await imageHere('debian:bookworm-slim'))).trim();
  try {
    const up = await project.envctl('up p');
    expectCode(up, 8);
    expect(up.stderr).toMatch(
      new RegExp(`"${name}" is already in use by a container that is not envctl's[\\s\\S]*→ .*(Rename|remove)`),
    );
    expectCode(await project.envctl('down p'), 0);
    expect((await dockerEnded(['inspect', theirs])).code).toBe(0);
  } finally {
    await docker('rm', '-f', theirs);
  }
});

scenario('what cannot be taken down is named, and goes with the next down', async (stage) => {
  const project = stage.project(profile('p', oneService('command: sleep 60')));
  expectCode(await project.envctl('up p'), 0);
  const [network = ''] = await project.networks();
  const theirs = (
    await docker('create', '--network', network, await imageHere('debian:bookworm-slim'), 'sleep', '60')
  ).trim();
  try {
    await docker('start', theirs);
    const down = await project.envctl('down p');
    expectCode(down, 11);
    expect(down.stderr).toMatch(/Could not remove everything in "[\s\S]*network [\s\S]*→ .*`envctl down` again/);
    expect(await project.containers()).toEqual([]);
    expect((await dockerEnded(['inspect', theirs])).code).toBe(0);
  } finally {
    await docker('rm', '-f', theirs);
  }
  expectCode(await project.envctl('down p'), 0);
});
