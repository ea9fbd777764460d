/** Image substitution: every image can be replaced for a machine or a company, with one notice. */
import { expect } from 'vitest';
import { expectCode, imageHere, profile, scenario, withTag } from './vocabulary.js';

scenario('ENVCTL_IMAGES replaces images, exact names before repositories, with one notice each', async (stage) => {
  const project = stage.project({
    ...profile(
      'p',
      `services:
  a: { image: "acme/tool:1", command: sleep 600 }
  b: { image: "acme/tool:1", command: sleep 600 }
  c: { image: "docker.io/acme/tool:2", command: sleep 600 }
`,
    ),
    'images.yaml': 'images:\n  acme/tool: debian:bookworm-slim\n  acme/tool:1: envctl-scenario/exact:1\n',
  });
  await withTag('debian:bookworm-slim', ['envctl-scenario/exact:1'], async () => {
    const up = await project.envctl('up p --progress plain', { env: { ENVCTL_IMAGES: project.path('images.yaml') } });
    expectCode(up, 0);
    expect((await project.containers()).map(({ service, image }) => [service, image])).toEqual([
      ['a', 'envctl-scenario/exact:1'],
      ['b', 'envctl-scenario/exact:1'],
      ['c', 'debian:bookworm-slim'],
    ]);
    expect(up.stderr.match(/acme\/tool:1 is replaced by envctl-scenario\/exact:1/g)).toHaveLength(1);
    expect(up.stderr).toMatch(/acme\/tool:2 is replaced by debian:bookworm-slim/);
    expectCode(await project.envctl('down p'), 0);
  });
});

scenario('a prefix is added to every image without a registry', async (stage) => {
  const project = stage.project({
    ...profile('p', 'services:\n  a: { image: "tool:1", command: sleep 600 }\n'),
    'images.yaml': 'prefix: localhost:1/mirror\n',
  });
  await withTag('debian:bookworm-slim', ['localhost:1/mirror/tool:1'], async () => {
    const up = await project.envctl('up p --progress plain', { env: { ENVCTL_IMAGES: project.path('images.yaml') } });
    expectCode(up, 0);
    expect(up.stderr).toContain('image tool:1 is replaced by localhost:1/mirror/tool:1');
    expect((await project.container('a')).image).toBe('localhost:1/mirror/tool:1');
    expectCode(await project.envctl('down p'), 0);
  });
});

scenario('images of a Compose file are replaced, and recognized by their original names', async (stage) => {
  const project = stage.project({
    'compose.yml': 'services:\n  kv:\n    image: registry.example.com/mirror/redis:7-alpine\n',
    'images.yaml': `images: { registry.example.com/mirror/redis: "${await imageHere('redis:7')}" }\n`,
  });
  const up = await project.envctl('up -f compose.yml --progress plain', {
    env: { ENVCTL_IMAGES: project.path('images.yaml') },
  });
  expectCode(up, 0);
  expect(up.stderr).toContain('registry.example.com/mirror/redis:7-alpine is replaced by');
  expect(up.stderr).toMatch(/kv +ready \(redis\)/);
  expectCode(await project.envctl('down -f compose.yml'), 0);
});

scenario('a base image in a build argument is replaced', async (stage) => {
  const project = stage.project({
    ...profile(
      'p',
      `services:
  a:
    build: { context: ../app, args: { BASE: "acme/base:3", WORD: hello } }
    command: sleep 600
`,
    ),
    'app/Dockerfile': 'ARG BASE\nFROM ${BASE}\nARG WORD\nRUN echo "$WORD" > /word\n',
    'images.yaml': 'images:\n  acme/base: debian:bookworm-slim\n',
  });
  const up = await project.envctl('up p --progress plain', { env: { ENVCTL_IMAGES: project.path('images.yaml') } });
  expectCode(up, 0);
  expect(up.stderr).toContain('image acme/base:3 is replaced by debian:bookworm-slim');
  expect((await project.envctl('exec -T p a cat /word')).stdout).toBe('hello\n');
  expectCode(await project.envctl('down p'), 0);
});

scenario('images.yaml of the user applies to every command, and ENVCTL_IMAGES takes precedence', async (stage) => {
  const project = stage.project({
    ...profile(
      'p',
      'services:\n  a: { image: "acme/one", command: sleep 600 }\n  b: { image: "acme/two", command: sleep 600 }\n',
    ),
    'images.yaml': 'images: { acme/two: "debian:bookworm-slim" }\n',
  });
  project.write(
    'config/envctl/images.yaml',
    'images: { acme/one: "debian:bookworm-slim", acme/two: "localhost:1/never:1" }\n',
  );
  const env = { XDG_CONFIG_HOME: project.path('config'), ENVCTL_IMAGES: project.path('images.yaml') };
  expectCode(await project.envctl('up p', { env }), 0);
  expectCode(await project.envctl('down p', { env }), 0);
});

scenario('a missing or invalid ENVCTL_IMAGES file is an error', async (stage) => {
  const project = stage.project({
    ...profile('p', 'services: { a: { image: debian } }\n'),
    'images.yaml': 'prefix: x\nimagse: {}\n',
  });
  const missing = await project.envctl('up p', { env: { ENVCTL_IMAGES: '/nope/images.yaml' } });
  expectCode(missing, 2);
  expect(missing.stderr).toMatch(/ENVCTL_IMAGES is set to \/nope\/images\.yaml, which does not exist/);
  const wrong = await project.envctl('up p', { env: { ENVCTL_IMAGES: project.path('images.yaml') } });
  expectCode(wrong, 2);
  expect(wrong.stderr).toMatch(/images\.yaml:2:1 .*"imagse"/);
});
