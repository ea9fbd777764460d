/** Objects that envctl did not create are reported and never changed. */
import { expect } from 'vitest';
import { docker, dockerEnded, expectCode, imageHere, oneService, profile, scenario } from './vocabulary.js';

scenario('up refuses to replace a foreign container that has the same name', async (stage) => {
  const project = stage.project(profile('p', oneService('command: sleep 60')));
  expectCode(await project.envctl('up p'), 0);
  const { name } = await project.container('a');
  expectCode(await project.envctl('down p'), 0);
  const foreign = (await docker('create', '--name', name, await imageHere('debian:bookworm-slim'))).trim();
  try {
    const up = await project.envctl('up p');
    expectCode(up, 8);
    expect(up.stderr).toMatch(
      new RegExp(`"${name}" is already in use by a container that is not envctl's[\\s\\S]*→ .*(Rename|remove)`),
    );
    expectCode(await project.envctl('down p'), 0);
    expect((await dockerEnded(['inspect', foreign])).code).toBe(0);
  } finally {
    await docker('rm', '-f', foreign);
  }
});

scenario('down names what it could not remove, and the next down removes it', async (stage) => {
  const project = stage.project(profile('p', oneService('command: sleep 60')));
  expectCode(await project.envctl('up p'), 0);
  const [network = ''] = await project.networks();
  const foreign = (
    await docker('create', '--network', network, await imageHere('debian:bookworm-slim'), 'sleep', '60')
  ).trim();
  try {
    await docker('start', foreign);
    const down = await project.envctl('down p');
    expectCode(down, 11);
    expect(down.stderr).toMatch(/Could not remove everything in "[\s\S]*network [\s\S]*→ .*`envctl down` again/);
    expect(await project.containers()).toEqual([]);
    expect((await dockerEnded(['inspect', foreign])).code).toBe(0);
  } finally {
    await docker('rm', '-f', foreign);
  }
  expectCode(await project.envctl('down p'), 0);
});
