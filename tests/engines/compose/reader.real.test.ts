import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { composeReader } from '../../../src/engines/compose/reader/reader.js';
import { openComposeFile, parseComposeOutput } from '../../../src/files/yaml/compose-source.js';
import { readDocument } from '../../../src/files/yaml/document.js';
import type { ComposeSource } from '../../../src/model/compose-reader.js';
import { EnvctlError } from '../../../src/model/errors.js';
import type { JsonMap } from '../../../src/model/json.js';
import type { Document } from '../../../src/model/profile.js';
import { liftEnvctlKeys } from '../../../src/profile/layers/x-envctl.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'envctl-reader-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}

async function read(
  files: readonly string[],
  environment: Readonly<Record<string, string | undefined>> = {},
): Promise<Document> {
  // The document is read separately: keys that are stripped from the text must keep their positions.
  const open = async (path: string): Promise<ComposeSource> => ({
    ...(await openComposeFile(path)),
    document: await readDocument(path),
  });
  const reader = composeReader({ env: process.env, open, parseYaml: parseComposeOutput });
  const composed = await reader({
    files: files.map((file) => join(folder, file)),
    env: { ...process.env, ...environment },
    signal: AbortSignal.timeout(20_000),
  });
  return liftEnvctlKeys(composed);
}

async function refusal(
  files: readonly string[],
  environment: Readonly<Record<string, string | undefined>> = {},
): Promise<EnvctlError> {
  const error: unknown = await read(files, environment).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(EnvctlError);
  return error as EnvctlError;
}

const at = (document: Document, ...path: (string | number)[]): string => {
  const { file, line, column } = document.position(path);
  return `${file.slice(folder.length + 1)}:${line}:${column}`;
};

const service = (document: Document, name: string): JsonMap => (document.value.services as JsonMap)[name] as JsonMap;

describe('the Compose reader', () => {
  test('returns the values of Compose with positions in the files, without defaults that Compose adds', async () => {
    await write({
      'docker-compose.yml':
        'services:\n  db:\n    image: "redis:${TAG:-7}"\n    ports: ["6379"]\n    command: echo "$$HOME"\n' +
        '    volumes: [data:/data]\nvolumes:\n  data:\n  named: { name: old }\n',
    });
    const document = await read(['docker-compose.yml']);
    expect(service(document, 'db')).toMatchObject({
      image: 'redis:7',
      command: ['echo', '$$HOME'],
      ports: [{ target: 6379 }],
    });
    expect(document.value.volumes).toEqual({ data: {} });
    expect(document.value.networks).toBeUndefined();
    expect(document.value.name).toBeUndefined();
    expect(at(document, 'services', 'db', 'ports')).toBe('docker-compose.yml:4:5');
  });

  test('returns the project name if a file sets it', async () => {
    await write({ 'c.yml': 'name: mine\nservices: { a: { image: x } }\n' });
    expect((await read(['c.yml'])).value.name).toBe('mine');
  });

  test('interpolates from .env, env_file and variables as Compose does', async () => {
    await write({
      '.env': 'TAG=9\n',
      'a.env': 'Q=1\n',
      'c.yml': 'services:\n  a: { image: "x:${TAG}", env_file: a.env, environment: { P: "${FROM_USER}" } }\n',
    });
    const document = await read(['c.yml'], { FROM_USER: 'u' });
    expect(service(document, 'a')).toMatchObject({ image: 'x:9', environment: { P: 'u', Q: '1' } });
  });

  test('merges depends_on of all files', async () => {
    await write({
      'a.yml': 'services:\n  app: { image: x, depends_on: [db] }\n  db: { image: x }\n  q: { image: x }\n',
      'b.yml': 'services:\n  app: { depends_on: { q: { condition: service_healthy } } }\n',
    });
    expect(service(await read(['a.yml', 'b.yml']), 'app').depends_on).toEqual({
      db: {},
      q: { condition: 'service_healthy' },
    });
  });

  test('moves keys under x-envctl to where a profile has them, with references unescaped', async () => {
    await write({
      'c.yml': [
        'services:',
        '  app:',
        '    image: x',
        '    environment: { P: "a$$b" }',
        '    x-envctl:',
        '      ready: { http: /health }',
        '      environment: { URL: "$${db.url}" }',
        '  db: { image: x }',
        'x-envctl:',
        '  exports: { APP: "$${app.url}" }',
      ].join('\n'),
    });
    const document = await read(['c.yml']);
    expect(service(document, 'app')).toMatchObject({ ready: { http: '/health' } });
    expect(service(document, 'app')['x-envctl']).toBeUndefined();
    expect(document.value.exports).toEqual({ APP: '${app.url}' });
    expect(at(document, 'services', 'app', 'ready', 'http')).toBe('c.yml:6:16');
    expect(at(document, 'exports', 'APP')).toBe('c.yml:10:14');
  });

  test('merges maps under x-envctl with those of Compose', async () => {
    await write({
      'c.yml':
        'services:\n  app:\n    image: x\n    environment: { P: "a$$b" }\n' +
        '    x-envctl: { environment: { URL: "$${db.url}" } }\n  db: { image: x }\n',
    });
    expect(service(await read(['c.yml']), 'app').environment).toEqual({ P: 'a$$b', URL: '${db.url}' });
  });

  test('follows nested includes relative to their own folders, and reads x-envctl there', async () => {
    await write({
      'c.yml':
        'include:\n  - sub/db.yml\n  - path: [other/q.yml]\n    env_file: other/q.env\n# a comment\n' +
        'services:\n  app: { image: x, depends_on: [db] }\n',
      'sub/db.yml':
        'include: [deep/cache.yml]\n' +
        'services:\n  db:\n    image: x\n    build: .\n    depends_on: [cache]\n    x-envctl: { port: 5432 }\n',
      'sub/deep/cache.yml': 'services:\n  cache: { image: y, volumes: ["./d:/d"] }\n',
      'other/q.yml': 'services:\n  q: { image: "q:${QTAG}" }\n',
      'other/q.env': 'QTAG=3\n',
    });
    const document = await read(['c.yml']);
    expect(service(document, 'db')).toMatchObject({
      port: 5432,
      depends_on: { cache: {} },
      build: { context: join(folder, 'sub') },
    });
    expect(service(document, 'cache')).toMatchObject({ volumes: [{ source: join(folder, 'sub/deep/d') }] });
    expect(service(document, 'q')).toMatchObject({ image: 'q:3' });
    expect(at(document, 'services', 'cache', 'image')).toBe('sub/deep/cache.yml:2:12');
  });

  test('follows extends into another file', async () => {
    await write({
      'c.yml': 'services:\n  app: { extends: { file: base/common.yml, service: web } }\n',
      'base/common.yml': 'services:\n  web: { image: w, build: . , x-envctl: { port: 80 } }\n',
    });
    expect(service(await read(['c.yml']), 'app')).toMatchObject({
      image: 'w',
      port: 80,
      build: { context: join(folder, 'base') },
    });
  });

  test('returns services with profiles, and their profiles', async () => {
    await write({ 'c.yml': 'services:\n  a: { image: x }\n  b: { image: x, profiles: [debug] }\n' });
    expect(service(await read(['c.yml']), 'b')).toMatchObject({ profiles: ['debug'] });
  });

  test('reads 26 services that each depend on all earlier ones', async () => {
    const names = Array.from({ length: 26 }, (_, index) => `s${index}`);
    const text = names
      .map((name, index) => `  ${name}: { image: x, depends_on: [${names.slice(0, index).join(', ')}] }`)
      .join('\n');
    await write({ 'c.yml': `services:\n${text}\n` });
    const document = await read(['c.yml']);
    expect(Object.keys(service(document, 's25').depends_on as JsonMap)).toHaveLength(25);
  });

  test('leaves no copies behind', async () => {
    await write({ 'c.yml': 'services: { a: { image: x } }\n' });
    const { readdir } = await import('node:fs/promises');
    await read(['c.yml']);
    expect((await readdir(tmpdir())).filter((name) => name.startsWith('envctl-compose-'))).toEqual([]);
  });
});

describe('the Compose reader refuses', () => {
  test('a key that Compose does not know, at its line', async () => {
    await write({ 'c.yml': 'services:\n  app:\n    image: x\n    bogus: 1\n' });
    const error = await refusal(['c.yml']);
    expect(error).toMatchObject({
      code: 'COMPOSE_REFUSED',
      service: 'app',
      position: { file: join(folder, 'c.yml'), line: 4, column: 5 },
    });
    expect(error.message).toContain('Additional property bogus is not allowed');
  });

  test.each([
    ['    ports: nonsense\n', 4],
    ['    mem_limit: zz\n', 4],
    ['    networks: [nope]\n', 2],
    ['    image: "${a b}"\n', 3],
  ])('the invalid line %j, at its position', async (line, expected) => {
    await write({ 'c.yml': `services:\n  app:\n${line.includes('image') ? '' : '    image: x\n'}${line}` });
    expect(await refusal(['c.yml'])).toMatchObject({ code: 'COMPOSE_REFUSED', position: { line: expected } });
  });

  test('a variable that is not set, with its name and position', async () => {
    await write({ 'c.yml': 'services:\n  app:\n    image: "x:${NOT_SET_HERE}"\n' });
    const error = await refusal(['c.yml']);
    expect(error).toMatchObject({ code: 'VARIABLE_MISSING', position: { line: 3, column: 5 } });
    expect(error.message).toBe('The variable NOT_SET_HERE is not set');
    expect(error.hint).toContain('${NOT_SET_HERE:-value}');
  });

  test('a required variable that is not set, with the reason in the file', async () => {
    await write({ 'c.yml': 'services:\n  app:\n    image: "x:${NEEDED:?ask ops}"\n' });
    expect((await refusal(['c.yml'])).message).toBe('The variable NEEDED is not set: ask ops');
  });

  test('a reference outside x-envctl, with the form that works', async () => {
    await write({ 'c.yml': 'services:\n  app:\n    image: x\n    environment: { URL: "${db.url}" }\n' });
    const error = await refusal(['c.yml']);
    expect(error).toMatchObject({ code: 'PROFILE_INVALID', position: { line: 4 } });
    expect(error.hint).toContain('$${db.url}');
  });

  test.each(['https://example.com/x.git', 'git@github.com:a/b.git', 'oci://registry/x', 'github.com/a/b'])(
    'the remote include %s',
    async (path) => {
      await write({ 'c.yml': `include: ["${path}"]\nservices: { a: { image: x } }\n` });
      expect(await refusal(['c.yml'])).toMatchObject({ code: 'PROFILE_INVALID', position: { line: 1 } });
    },
  );

  test('files that include each other', async () => {
    await write({ 'a.yml': 'include: [b.yml]\n', 'b.yml': 'include: [a.yml]\n' });
    expect((await refusal(['a.yml'])).message).toMatch(/include each other: .*a\.yml → .*b\.yml → .*a\.yml/);
  });

  test('ports of Compose and of envctl on one service', async () => {
    await write({
      'c.yml': 'services:\n  a:\n    image: x\n    ports: ["80"]\n    x-envctl:\n      ports: { main: 80 }\n',
    });
    expect(await refusal(['c.yml'])).toMatchObject({ code: 'PROFILE_INVALID', position: { line: 6 } });
  });

  test('any file if Compose is missing', async () => {
    // Hides a plugin of the system: docker looks in the user's folder first.
    await write({
      'c.yml': 'services: { a: { image: x } }\n',
      'cli-plugins/docker-compose': `#!/bin/sh\necho "docker: 'compose' is not a docker command." >&2\nexit 1\n`,
    });
    await chmod(join(folder, 'cli-plugins/docker-compose'), 0o755);
    expect(await refusal(['c.yml'], { DOCKER_CONFIG: folder })).toMatchObject({ code: 'COMPOSE_MISSING', exitCode: 3 });
  });
});
