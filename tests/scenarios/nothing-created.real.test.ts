/** Errors that `up` finds before it creates anything. */
import { chmodSync } from 'node:fs';
import { createServer } from 'node:net';
import { expect } from 'vitest';
import { expectCode, oneService, profile, scenario } from './vocabulary.js';

scenario('up reports an image that does not exist before it creates anything', async (stage) => {
  const project = stage.project(
    profile(
      'p',
      `services:
  fine: { image: debian:bookworm-slim, command: sleep 60 }
  wrong:
    image: localhost:1/none:1
`,
    ),
  );
  const up = await project.envctl('up p');
  expectCode(up, 5);
  expect(up.stderr).toMatch(/p\.yaml:3:3 {2}Image localhost:1\/none:1 of service "wrong" cannot be pulled/);
  expect(up.stderr).toMatch(/→ .*(registry|name)/);
  expect(await project.containers()).toEqual([]);
  expect(await project.networks()).toEqual([]);
  expect(up.ms).toBeLessThan(10_000);
});

scenario('up reports the failed instruction of a Dockerfile', async (stage) => {
  const project = stage.project({
    ...profile('p', 'services:\n  a:\n    build: ../app\n'),
    'app/Dockerfile': 'FROM debian:bookworm-slim\nRUN echo the compiler says no && false\n',
  });
  const up = await project.envctl('up p');
  expectCode(up, 5);
  expect(up.stderr).toMatch(/p\.yaml:2:3 {2}The image of service "a" cannot be built/);
  expect(up.stderr).toContain('the compiler says no');
  expect(await project.containers()).toEqual([]);
});

scenario('up reports a fixed port that is in use', async (stage) => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  const { port } = server.address() as { port: number };
  try {
    const project = stage.project(profile('p', oneService(`command: sleep 60\nport: "${port}:8080"\nready: running`)));
    const up = await project.envctl('up p');
    expectCode(up, 8);
    expect(up.stderr).toMatch(new RegExp(`p\\.yaml:2:3 {2}Port ${port} of service "a" is already in use`));
    expect(up.stderr).toContain('port: 8080');
    expect(await project.containers()).toEqual([]);
  } finally {
    server.close();
  }
});

scenario('up reports a missing Compose plugin before it creates anything', async (stage) => {
  const project = stage.project({
    ...profile('p', oneService('command: sleep 60')),
    'docker/config.json': '{}',
    'docker/cli-plugins/docker-compose': `#!/bin/sh\necho "docker: 'compose' is not a docker command." >&2\nexit 1\n`,
  });
  chmodSync(project.path('docker/cli-plugins/docker-compose'), 0o755);
  const up = await project.envctl('up p', { env: { DOCKER_CONFIG: project.path('docker') } });
  expectCode(up, 3);
  expect(up.stderr).toMatch(/Compose.*\(COMPOSE_MISSING\)[\s\S]*→ .*docker-compose-plugin/);
  expect([await project.containers(), await project.networks()]).toEqual([[], []]);
});
