import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ComposeEngineOptions } from '../../../src/engines/compose/engine.js';
import type { PrepareOptions } from '../../../src/model/engine.js';
import { EnvctlError } from '../../../src/model/errors.js';
import { base, contextOf, engineOf, environmentOf, freshId, type Sketch } from '../../testing/compose-prepared.js';
import { census, docker } from '../../testing/docker.js';
import { resolveProfile } from '../../testing/environments.js';
import { openRegistry, type Registry } from '../../testing/image-registry.js';

let folder = '';
const images: string[] = [];
const registries: Registry[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'envctl-images-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
  for (const registry of registries.splice(0)) registry.close();
  for (const image of images.splice(0)) {
    const found = docker('images', '-q', image);
    if (found !== '') docker('rmi', '-f', image);
  }
});

interface Preparing {
  readonly id?: string;
  readonly options?: Partial<PrepareOptions>;
  readonly engine?: Partial<ComposeEngineOptions>;
}

function prepare(services: Sketch, { id = freshId(), options = {}, engine = {} }: Preparing = {}) {
  for (const name of Object.keys(services)) images.push(`${id}-${name}`);
  const context = contextOf();
  const environment = environmentOf({ id, services, project: folder });
  const work = engineOf(engine).prepare(
    environment,
    { observed: [], reserve: [], images: 'make', pull: false, ...options },
    context,
  );
  return { id, work, events: context.events };
}

async function failure(work: Promise<unknown>): Promise<EnvctlError> {
  const error: unknown = await work.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(EnvctlError);
  return error as EnvctlError;
}

async function registry(options: Parameters<typeof openRegistry>[0] = {}): Promise<Registry> {
  const opened = await openRegistry(options);
  registries.push(opened);
  images.push(opened.image);
  return opened;
}

/** The image's own variables, as `NAME=value`. */
const variablesOf = (image = ''): readonly string[] =>
  JSON.parse(docker('image', 'inspect', image, '--format', '{{json .Config.Env}}')) as string[];

const dockerfile = (text: string): Promise<void> => writeFile(join(folder, 'Dockerfile'), text);

describe('building images', () => {
  test('services with the same build share one image', async () => {
    await dockerfile(`FROM ${base}\nENV FROM_BUILD=1\nVOLUME /store\nHEALTHCHECK --interval=1s CMD true\n`);
    const { id, work, events } = prepare({
      a: { compose: { build: '.' } },
      b: { compose: { build: { context: folder } } },
      c: { compose: { build: { context: '.', args: { X: '1' } } } },
    });
    const { images: prepared } = await work;
    expect(prepared.a).toMatchObject({
      id: expect.stringMatching(/^sha256:/),
      reference: `${id}-a`,
      volumes: ['/store'],
      healthcheck: { test: ['CMD-SHELL', 'true'], timeoutMs: 30_000, budgetMs: 93_000 },
    });
    expect(prepared.b).toEqual(prepared.a);
    expect(prepared.c?.reference).toBe(`${id}-c`);
    expect(
      events.filter((event) => event.type === 'image' && event.work === 'build' && event.state === 'done'),
    ).toHaveLength(2);
  });

  test('a build has the same image id until a file changes', async () => {
    await dockerfile(`FROM ${base}\nCOPY code /code\n`);
    await writeFile(join(folder, 'code'), 'one');
    const id = freshId();
    const sketch: Sketch = { app: { compose: { build: '.' } } };
    const first = (await prepare(sketch, { id }).work).images.app?.id;
    expect((await prepare(sketch, { id }).work).images.app?.id).toBe(first);
    await writeFile(join(folder, 'code'), 'two');
    expect((await prepare(sketch, { id }).work).images.app?.id).not.toBe(first);
  });

  test('an image that another service builds is not pulled', async () => {
    await dockerfile(`FROM ${base}\n`);
    const { images: prepared } = await prepare({
      app: { compose: { build: '.', image: 'mine/app:dev' } },
      worker: { compose: { image: 'mine/app:dev' } },
    }).work;
    expect(prepared.worker).toEqual(prepared.app);
  });

  test('a build gets its arguments, target and Dockerfile unchanged', async () => {
    await writeFile(
      join(folder, 'Other'),
      `FROM ${base} AS one\nARG TEXT\nENV TEXT=$TEXT\nFROM ${base} AS two\nENV NOT=1\n`,
    );
    const build = { context: '.', dockerfile: 'Other', target: 'one', args: { TEXT: 'a$b \'c\' "d"' } };
    const { images: prepared } = await prepare({ app: { compose: { build } } }).work;
    expect(variablesOf(prepared.app?.id)).toContain('TEXT=a$b \'c\' "d"');
  });

  test('a build with keys that buildx has no flag for goes through Compose', async () => {
    await dockerfile(`FROM ${base}\nARG PATH_IN=/x\nENV PATH_IN=$PATH_IN\n`);
    const { images: prepared } = await prepare({
      app: { compose: { build: { context: '.', args: { PATH_IN: '/y', DOCKER_THING: '1' }, shm_size: '64m' } } },
    }).work;
    expect(variablesOf(prepared.app?.id)).toContain('PATH_IN=/y');
  });

  test("a failed build is reported with the builder's last lines", async () => {
    await dockerfile(`FROM ${base}\nRUN echo about to fail && exit 7\n`);
    const error = await failure(prepare({ app: { compose: { build: '.' } } }).work);
    expect(error).toMatchObject({ code: 'IMAGE_BUILD_FAILED', exitCode: 5, service: 'app', position: { line: 7 } });
    expect(error.message).toContain('exit code: 7');
    expect(error.detail).toContain('about to fail');
  });

  test('a build whose base image is missing is reported with the FROM line as a hint', async () => {
    await dockerfile('FROM localhost:1/none\n');
    const error = await failure(prepare({ app: { compose: { build: '.' } } }).work);
    expect(error).toMatchObject({ code: 'IMAGE_BUILD_FAILED', hint: expect.stringContaining('FROM') });
  });

  test('a build ends with the signal', async () => {
    await dockerfile(`FROM ${base}\nRUN sleep 600 # ${freshId()}\n`);
    const stop = new AbortController();
    const environment = environmentOf({ services: { app: { compose: { build: '.' } } }, project: folder });
    setTimeout(() => stop.abort(new Error('enough')), 1000);
    await expect(
      engineOf().prepare(
        environment,
        { observed: [], reserve: [], images: 'make', pull: false },
        { signal: stop.signal, emit: () => {} },
      ),
    ).rejects.toThrow('enough');
  });

  test('a build that refers to an address is refused', async () => {
    const environment = resolveProfile(`
      services:
        app: { build: { context: ., args: { URL: "\${db.host}" } } }
        db: { image: ${base}, port: 80 }
    `);
    const work = engineOf().prepare(
      environment,
      { observed: [], reserve: [], images: 'make', pull: false },
      contextOf(),
    );
    expect(await failure(work)).toMatchObject({ code: 'PROFILE_INVALID', service: 'app', position: { line: 3 } });
  });
});

describe('pulling images', () => {
  test('a missing image is pulled once, with progress', async () => {
    const { image, requests } = await registry();
    const { work, events } = prepare({ a: { compose: { image } }, b: { compose: { image } } });
    const { images: prepared } = await work;
    expect(prepared.a).toEqual({
      id: expect.stringMatching(/^sha256:/),
      reference: image,
      healthcheck: { test: ['CMD', 'x'], timeoutMs: 2000, budgetMs: 17_000 },
      volumes: ['/v'],
    });
    expect(
      events
        .filter((event) => event.type === 'image')
        .map((event) => [event.service, event.work, event.state, event.detail === '']),
    ).toEqual(
      expect.arrayContaining([
        ['a', 'pull', 'running', true],
        ['a', 'pull', 'done', true],
      ]),
    );
    const count = requests.length;
    await prepare({ a: { compose: { image } } }).work;
    expect(requests.length).toBe(count);
    await prepare({ a: { compose: { image, pull_policy: 'always' } } }).work;
    expect(requests.length).toBeGreaterThan(count);
  });

  test('a pull logs in with credentials of the docker configuration', async () => {
    const { image } = await registry({ login: 'me:s3cret:x' });
    expect(await failure(prepare({ a: { compose: { image } } }).work)).toMatchObject({
      code: 'IMAGE_MISSING',
      hint: expect.stringContaining('docker login'),
    });
    const auths = { [`http://${image.split('/')[0]}`]: { auth: Buffer.from('me:s3cret:x').toString('base64') } };
    await writeFile(join(folder, 'config.json'), JSON.stringify({ auths }));
    const env = { ...process.env, DOCKER_CONFIG: folder };
    expect((await prepare({ a: { compose: { image } } }, { engine: { env } }).work).images.a?.id).toMatch(/^sha256:/);
  });

  test('a pull logs in with a credential helper', async () => {
    const { image } = await registry({ login: 'helped:pw' });
    await writeFile(
      join(folder, 'docker-credential-test'),
      '#!/bin/sh\nread server\nprintf \'{"ServerURL":"%s","Username":"helped","Secret":"pw"}\' "$server"\n',
      { mode: 0o755 },
    );
    await writeFile(join(folder, 'config.json'), JSON.stringify({ credsStore: 'test' }));
    const env = { ...process.env, DOCKER_CONFIG: folder, PATH: `${folder}:${process.env.PATH}` };
    expect((await prepare({ a: { compose: { image } } }, { engine: { env } }).work).images.a?.id).toMatch(/^sha256:/);
  });

  test('a misspelled image is reported before anything is created', async () => {
    const { image } = await registry();
    const { id, work } = prepare({ app: { compose: { image: image.replace('tiny', 'tinny') } }, other: {} });
    const error = await failure(work);
    expect(error).toMatchObject({
      code: 'IMAGE_MISSING',
      exitCode: 5,
      service: 'app',
      position: { line: 7 },
      hint: expect.stringContaining('misspelled'),
    });
    expect(error.message).toContain('tinny:1');
    expect(census(id)).toEqual([]);
  });

  test('an unreachable registry is reported', async () => {
    expect(await failure(prepare({ app: { compose: { image: '127.0.0.1:1/none' } } }).work)).toMatchObject({
      code: 'IMAGE_MISSING',
      hint: expect.stringContaining('cannot reach the registry'),
    });
  });

  test('a registry that limits pulls gets few requests, and the limit is reported with a remedy', async () => {
    const { image, requests } = await registry({ refuse: 429 });
    expect(await failure(prepare({ app: { compose: { image } } }).work)).toMatchObject({
      code: 'IMAGE_MISSING',
      hint: expect.stringContaining('docker login'),
    });
    expect(requests.filter((line) => line.includes('manifests')).length).toBeLessThanOrEqual(2);
  });

  test('the existing image is used, with a warning, if the registry does not answer', async () => {
    const opened = await registry();
    await prepare({ app: { compose: { image: opened.image } } }).work;
    opened.close();
    const { work, events } = prepare({ app: { compose: { image: opened.image } } }, { options: { pull: true } });
    expect((await work).images.app?.id).toMatch(/^sha256:/);
    expect(events).toContainEqual({
      type: 'warning',
      text: expect.stringContaining('using the image that the engine has'),
    });
  });

  test('pull_policy never forbids a pull', async () => {
    const { image, requests } = await registry();
    expect(await failure(prepare({ app: { compose: { image, pull_policy: 'never' } } }).work)).toMatchObject({
      code: 'IMAGE_MISSING',
      message: expect.stringContaining('pull_policy: never'),
    });
    expect(requests).toEqual([]);
  });
});

describe('preparing without pulls and builds', () => {
  test('returns the ids of existing images, and an empty id for missing ones', async () => {
    await dockerfile('FROM scratch\n');
    const { work, events } = prepare(
      {
        here: { compose: { image: base } },
        missing: { compose: { image: '127.0.0.1:1/none' } },
        built: { compose: { build: '.' } },
      },
      { options: { images: 'local' } },
    );
    const { images: prepared } = await work;
    expect(prepared.here?.id).toMatch(/^sha256:/);
    expect(prepared.missing).toMatchObject({ id: '', reference: '127.0.0.1:1/none' });
    expect(prepared.built?.id).toBe('');
    expect(events).toEqual([]);
  });
});

describe('image substitution', () => {
  const substitution = async () => (image: string) => (image === 'official:1' ? base : image);

  test('substitutes images and build arguments, and emits one event for each image', async () => {
    await dockerfile('ARG BASE\nFROM ${BASE}\nENV BUILT=1\n');
    const { work, events } = prepare(
      {
        a: { compose: { image: 'official:1' } },
        b: { compose: { build: { context: '.', args: { BASE: 'official:1' } } } },
      },
      { engine: { substitution } },
    );
    const { images: prepared } = await work;
    expect(prepared.a?.reference).toBe(base);
    expect(variablesOf(prepared.b?.id)).toContain('BUILT=1');
    expect(events.filter(({ type }) => type === 'substitution')).toEqual([
      { type: 'substitution', image: 'official:1', by: base },
    ]);
  });
});
