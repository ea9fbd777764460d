import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { hashFile } from '../../src/files/hash-file.js';
import { imageSubstitution } from '../../src/files/image-substitution.js';
import { fileLedger, writePrivate } from '../../src/files/instance-directory.js';
import { localHost } from '../../src/files/local-host.js';
import { lockInstance } from '../../src/files/lock.js';
import { composeProfileName, findProfile, findProject, instanceId, listProfiles } from '../../src/files/project.js';
import { deriveSecret, userKey } from '../../src/files/secrets.js';

const folder = mkdtempSync(join(tmpdir(), 'envctl-files-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const make = (path: string, text = ''): string => {
  const full = join(folder, path);
  mkdirSync(join(full, '..'), { recursive: true });
  writeFileSync(full, text);
  return full;
};

describe('a project', () => {
  test('the project is the nearest ancestor with environments, else the git root', () => {
    make('p/environments/shop/profile.yaml', 'services: {}');
    make('p/environments/base.yml');
    make('p/environments/base.local.yaml');
    make('p/src/deep/file');
    make('g/.git/HEAD');
    make('g/a/b/file');
    expect(findProject(join(folder, 'p/src/deep'))).toBe(join(folder, 'p'));
    expect(findProject(join(folder, 'g/a/b'))).toBe(join(folder, 'g'));
  });
  test('local overrides are not listed as profiles', async () => {
    expect(listProfiles(join(folder, 'p')).map((profile) => profile.name)).toEqual(['base', 'shop']);
  });
  test('an unknown profile is refused with the nearest name', async () => {
    await expect(findProfile(join(folder, 'p'), 'shp')).rejects.toMatchObject({
      code: 'PROFILE_UNKNOWN',
      hint: expect.stringContaining('Did you mean "shop"?'),
    });
  });
});

describe('an instance id', () => {
  const id = (profile: string, env = {}, path = folder, name: string | null = null) =>
    instanceId({ profile, name, paths: [path], env });
  test("an instance id is the profile and six hex digits of the project's real path", async () => {
    symlinkSync(folder, join(tmpdir(), `envctl-link-${process.pid}`));
    expect(await id('shop')).toMatch(/^shop-[0-9a-f]{6}$/);
    expect(await id('shop', {}, join(tmpdir(), `envctl-link-${process.pid}`))).toBe(await id('shop'));
    rmSync(join(tmpdir(), `envctl-link-${process.pid}`));
  });
  test('an instance id has at most 40 characters that engines accept, and stays distinct', async () => {
    expect(await id('Größe/../x')).toMatch(/^gr-e-x-[0-9a-f]{6}$/);
    expect((await id('x'.repeat(200))).length).toBe(47);
    expect(await id('a.b')).not.toBe(await id('a-b'));
    expect(await id('shop', {}, folder, 'second')).toMatch(/^shop-second-/);
  });
  test('an instance id covers the job if CI is set', async () => {
    expect(await id('shop', { CI: 'true', GITHUB_RUN_ID: '1' })).not.toBe(
      await id('shop', { CI: 'true', GITHUB_RUN_ID: '2' }),
    );
    expect(await id('shop', { GITHUB_RUN_ID: '1' })).toBe(await id('shop'));
  });
  test('the profile name of a Compose file is its name key, else its folder', () => {
    expect([composeProfileName('/a/b/compose.yml', 'mine'), composeProfileName('/a/b/compose.yml', undefined)]).toEqual(
      ['mine', 'b'],
    );
  });
});

describe('secrets', () => {
  test('a secret is the same for the same key and parameter, letters and digits only', async () => {
    const key = await userKey(join(folder, 'state'));
    const parameter = { instance: 'i', service: 's', parameter: 'p' };
    expect(deriveSecret(key, parameter)).toMatch(/^[A-Za-z][A-Za-z0-9]{23}$/);
    expect(deriveSecret(await userKey(join(folder, 'state')), parameter)).toBe(deriveSecret(key, parameter));
    expect(deriveSecret(key, { ...parameter, service: 't' })).not.toBe(deriveSecret(key, parameter));
  });
  test('concurrent processes create one key', async () => {
    const keys = await Promise.all(Array.from({ length: 20 }, () => userKey(join(folder, 'race'))));
    expect(new Set(keys.map((key) => Buffer.from(key).toString('hex'))).size).toBe(1);
    expect(statSync(join(folder, 'race/key')).mode & 0o777).toBe(0o600);
  });
});

test('a private file has mode 0600 even if it replaces a public one', async () => {
  const path = make('private/file', 'old');
  await writePrivate(path, 'new');
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

describe('image substitution', () => {
  test('image substitution prefers the exact name, then the repository, then the prefix', async () => {
    const file = make('images.yaml', 'prefix: mirror.corp/hub\nimages: { postgres: pg:15, "postgres:16": pg:16 }');
    const substitute = await imageSubstitution({ ENVCTL_IMAGES: file }, { config: folder });
    expect(['postgres:16', 'docker.io/library/postgres:14', 'redis:7', 'ghcr.io/a/b'].map(substitute)).toEqual([
      'pg:16',
      'pg:15',
      'mirror.corp/hub/redis:7',
      'ghcr.io/a/b',
    ]);
  });
  test('image substitution refuses a missing file and unknown keys', async () => {
    const folders = { config: folder };
    await expect(imageSubstitution({ ENVCTL_IMAGES: '/nope.yaml' }, folders)).rejects.toMatchObject({ code: 'USAGE' });
    await expect(imageSubstitution({ ENVCTL_IMAGES: make('bad.yaml', 'image: {}') }, folders)).rejects.toMatchObject({
      code: 'PROFILE_INVALID',
    });
  });
});

describe('the lock', () => {
  const options = { signal: new AbortController().signal, waitMs: 0, onWait: () => undefined };
  test('a lock has one holder at a time', async () => {
    const lock = await lockInstance(`test-${process.pid}`, options);
    await expect(lockInstance(`test-${process.pid}`, options)).rejects.toMatchObject({ code: 'LOCKED', exitCode: 10 });
    await lock.release();
    await (await lockInstance(`test-${process.pid}`, options)).release();
  });
});

test('the file ledger is valid for one life of a service', async () => {
  await fileLedger(folder, 'app', 'life1').write({ index: 0, hash: 'h', state: 'done' });
  expect(await fileLedger(folder, 'app', 'life1').read()).toEqual([{ index: 0, hash: 'h', state: 'done' }]);
  expect(await fileLedger(folder, 'app', 'life2').read()).toEqual([]);
});

describe('a command on this host', () => {
  const host = localHost({ env: process.env, cwd: process.cwd() });
  const signal = new AbortController().signal;
  test('a command on this host returns its exit code and output', async () => {
    expect(
      await host.run([process.execPath, '-e', 'console.log(process.env.A); process.exit(3)'], {
        signal,
        env: { A: 'a$b' },
      }),
    ).toMatchObject({ exitCode: 3, stdout: 'a$b\n', stderr: '' });
    expect((await host.run(['no-such-program'], { signal })).exitCode).toBe(127);
  });
  test('a command on this host is killed with its children after its time limit', async () => {
    expect((await host.run(['sh', '-c', 'sleep 60 & sleep 60'], { signal, timeoutMs: 200 })).exitCode).toBe(124);
  });
});

describe('a hash', () => {
  test('the hash of a folder covers its code but not installed packages', async () => {
    make('code/app.js', 'one');
    const before = await hashFile(`${folder}/code/`);
    make('code/node_modules/x/index.js', 'installed');
    expect(await hashFile(`${folder}/code/`)).toBe(before);
    make('code/app.js', 'two');
    expect(await hashFile(`${folder}/code/`)).not.toBe(before);
  });
  test('a folder mounted as data has no hash', async () => {
    expect(await hashFile(`${folder}/code`)).toBeNull();
  });
});
