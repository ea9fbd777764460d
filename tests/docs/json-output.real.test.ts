/** Real JSON output has the shapes that docs/reference/json-output.md documents. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CommandResult, cleanEnv, envctl } from '../cli/command.js';
import { connectionFile, errorShape, eventShapes, jsonOutputs } from './json-output.js';

const project = mkdtempSync(join(tmpdir(), 'envctl-json-'));
const server = "require('http').createServer((q, r) => r.end('ok')).listen(process.env.PORT)";
const app = {
  process: { command: ['node', '-e', server], port: 'PORT' },
  port: 8080,
  ready: { http: '/' },
  seed: [{ http: '/seed' }],
};

const run = (...argv: readonly string[]): Promise<CommandResult> =>
  envctl(argv, {
    cwd: project,
    env: cleanEnv({ XDG_STATE_HOME: join(project, 'state'), ENVCTL_ENGINE: 'embedded' }),
  });

let up: CommandResult;
beforeAll(async () => {
  mkdirSync(join(project, 'environments'));
  writeFileSync(
    join(project, 'environments/shop.yaml'),
    JSON.stringify({ services: { app }, exports: { URL: '${app.url}' } }),
  );
  up = await run('up', 'shop', '--output', 'json');
});
afterAll(async () => {
  await run('down', 'shop');
  rmSync(project, { recursive: true, force: true });
});

const eventsOf = (text: string): readonly { readonly type: string }[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string });

function expectEvents(text: string): void {
  for (const event of eventsOf(text))
    expect(eventShapes[event.type]?.safeParse(event).error ?? null, JSON.stringify(event)).toBeNull();
}

test('events of `up` and `down` have the documented shapes', async () => {
  expect(up.code, up.stderr).toBe(0);
  expectEvents(up.stdout);
  expect(eventsOf(up.stdout).map(({ type }) => type)).toEqual(
    expect.arrayContaining(['begin', 'step', 'seeding', 'ready', 'end']),
  );
  const down = await run('down', 'shop', '-i', 'second', '--output', 'json');
  expectEvents(down.stdout);
});

test.each(jsonOutputs)('`$command` prints the documented shape', async ({ command, shape }) => {
  const argv = command.split(' ').slice(1);
  const { code, stdout, stderr } = await run(...argv, ...(argv[0] === 'ls' ? [] : ['shop']));
  expect(code, stderr).toBe(0);
  expect(shape.safeParse(JSON.parse(stdout)).error ?? null).toBeNull();
});

test('the connection file has the documented shape', () => {
  const { instance } = eventsOf(up.stdout)[0] as unknown as { instance: string };
  const text = readFileSync(join(project, '.envctl', instance, 'connection.json'), 'utf8');
  expect(connectionFile.safeParse(JSON.parse(text)).error ?? null).toBeNull();
});

test('an error has the documented shape', async () => {
  const { code, stdout } = await run('status', 'shopp', '--output', 'json');
  expect(code).toBe(2);
  expect(errorShape.safeParse(JSON.parse(stdout)).error ?? null).toBeNull();
});
