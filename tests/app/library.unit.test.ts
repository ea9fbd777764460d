import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { attach, type EnvEvent, type UpOptions, up } from '../../src/index.js';
import { answerOf, testProject } from './project.js';

test('up() starts the profile of the given folder and returns its connections', async () => {
  const { options } = testProject();
  const events: EnvEvent[] = [];
  await using environment = await up({ ...options, onEvent: (event) => events.push(event) });
  expect(environment.id).toMatch(/^site-[0-9a-f]{6}$/);
  expect(Object.keys(environment.exports)).toContain('WEB_URL');
  expect(environment.connection('web').url).toBe(environment.exports.WEB_URL);
  expect(environment.connections.map(({ service }) => service)).toEqual(['web']);
  expect(await answerOf(environment.exports.WEB_URL)).toBe('hello world');
  expect(events.at(0)).toMatchObject({ type: 'begin', command: 'up', engine: 'embedded' });
  expect(events.at(-1)).toMatchObject({ type: 'end', command: 'up' });
});

test('up() passes parameters, and reads variables from `env` instead of process.env', async () => {
  const { options } = testProject();
  process.env.WHO = 'process';
  try {
    const env = { ...options.env, WHO: 'caller' };
    await using environment = await up({ ...options, env, parameters: { greeting: 'good day' } });
    expect(await answerOf(environment.exports.WEB_URL)).toBe('good day caller');
  } finally {
    delete process.env.WHO;
  }
});

test('up() chooses the engine from ENVCTL_ENGINE in `env`', async () => {
  const { cwd, env } = testProject();
  await expect(up({ cwd, env: { ...env, ENVCTL_ENGINE: 'embeded' } })).rejects.toMatchObject({
    code: 'USAGE',
    hint: 'Did you mean "embedded"?',
  });
});

test('disposing an environment removes the instance that up() created', async () => {
  const { cwd, options } = testProject();
  const environment = await up(options);
  await environment[Symbol.asyncDispose]();
  await expect(attach(options)).rejects.toMatchObject({ code: 'INSTANCE_UNKNOWN' });
  expect(existsSync(join(cwd, '.envctl', environment.id))).toBe(false);
});

test('disposing an environment leaves an instance that existed before up()', async () => {
  const { options } = testProject();
  const first = await up(options);
  const second = await up(options);
  expect(second.exports).toEqual(first.exports);
  await second[Symbol.asyncDispose]();
  expect(await answerOf(first.exports.WEB_URL)).toBe('hello world');
});

test('down() removes an instance even if it existed before up()', async () => {
  const { options } = testProject();
  await up(options);
  await (await up(options)).down();
  await expect(attach(options)).rejects.toMatchObject({ code: 'INSTANCE_UNKNOWN' });
});

test('attach() returns the connections of a running instance, and disposing removes nothing', async () => {
  const { options } = testProject();
  const running = await up(options);
  const attached = await attach(options);
  expect(attached).toMatchObject({ id: running.id, exports: running.exports });
  expect(attached.connection('web')).toEqual(running.connection('web'));
  await attached[Symbol.asyncDispose]();
  expect(await answerOf(running.exports.WEB_URL)).toBe('hello world');
});

test('attach() finds an instance by its id, and down() removes it', async () => {
  const { options } = testProject();
  const { id } = await up(options);
  await (await attach({ ...options, profile: id })).down();
  await expect(attach({ ...options, profile: id })).rejects.toMatchObject({ code: 'INSTANCE_UNKNOWN' });
});

test('attach() throws INSTANCE_UNKNOWN if nothing runs, and starts nothing', async () => {
  const { cwd, options } = testProject();
  await expect(attach(options)).rejects.toMatchObject({
    code: 'INSTANCE_UNKNOWN',
    hint: 'Run `envctl up site` first.',
  });
  expect(existsSync(join(cwd, '.envctl'))).toBe(false);
});

test('connection() throws USAGE with the nearest service', async () => {
  const { options } = testProject();
  await using environment = await up(options);
  expect(() => environment.connection('wbe')).toThrow(
    expect.objectContaining({ code: 'USAGE', message: 'No service "wbe"', hint: 'Did you mean "web"?' }),
  );
});

test.each([
  ['up', up],
  ['attach', attach],
])('%s() refuses an unknown option and suggests the nearest', async (_, call) => {
  const options = { profil: 'site' } as UpOptions;
  await expect(call(options)).rejects.toMatchObject({
    code: 'USAGE',
    message: 'Unknown option "profil"',
    hint: 'Did you mean "profile"?',
  });
});

test('attach() refuses options that only up() has', async () => {
  const options = { services: ['web'] } as UpOptions;
  await expect(attach(options)).rejects.toMatchObject({ code: 'USAGE', message: 'Unknown option "services"' });
});
