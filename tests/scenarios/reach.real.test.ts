/** Looking at services and touching them. */
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { expectCode, lines, profile, scenario } from './vocabulary.js';

scenario('logs, exec, port and restart reach the services', async (stage) => {
  const project = stage.project(
    profile(
      'p',
      'services:\n  cache: { template: redis }\n  a: { image: debian:bookworm-slim, command: sh -c "echo one; echo two; sleep 600", stop_signal: SIGKILL }\n',
    ),
  );
  expectCode(await project.envctl('up p'), 0);
  expect((await project.envctl('logs p a')).stdout).toBe('one\ntwo\n');
  expect((await project.envctl('logs p a --tail 1')).stdout).toBe('two\n');
  expect(lines((await project.envctl('logs p')).stdout).every((line) => /^(cache|a) +\| /.test(line))).toBe(true);
  expectCode(await project.envctl(['exec', '-T', 'p', 'a', '--', 'sh', '-c', 'exit 5']), 5);
  const fed = await project.envctl(['exec', '-T', 'p', 'a', '--', 'sh', '-c', 'read line; echo "got $line"'], {
    input: 'this\n',
  });
  expect(fed).toMatchObject({ code: 0, stdout: 'got this\n' });
  const port = (await project.envctl('port p cache')).stdout.trim();
  expect((await project.container('cache')).published['6379/tcp']).toEqual([port]);
  const before = await project.container('a');
  expectCode(await project.envctl('restart p a'), 0);
  const after = await project.container('a');
  expect(after.id).toBe(before.id);
  expect(after.startedAt).not.toBe(before.startedAt);
  const broken = 'services:\n  cache: { template: redis }\n  a: { image: envctl.invalid/none }\n';
  const written = readFileSync(project.path('environments/p.yaml'), 'utf8');
  project.write('environments/p.yaml', broken);
  expectCode(await project.envctl('restart p'), 5);
  expect((await project.container('cache')).running).toBe(true);
  project.write('environments/p.yaml', written);
  const unknown = await project.envctl('logs p aa');
  expect(unknown.code).toBe(2);
  expect(unknown.stderr).toMatch(/Service "aa" is not running/);
  expectCode(await project.envctl('down p'), 0);
});

scenario('status asks what the gate asks, and not only whether something listens', async (stage) => {
  const project = stage.project(
    profile(
      'p',
      'services:\n  a: { template: redis, ready: [redis, { exec: [test, -e, /ready] }] }\n  b: { template: redis }\n',
    ),
  );
  const asked = async (): Promise<readonly (readonly string[])[]> => {
    const { services } = JSON.parse((await project.envctl('status p --output json')).stdout) as {
      readonly services: readonly { readonly service: string; readonly gate: string }[];
    };
    return services.map(({ service, gate }) => [service, gate]);
  };
  expectCode(await project.envctl('up p --keep --timeout 3'), 17);
  expect(await asked()).toEqual([
    ['a', expect.stringContaining('exit 1')],
    ['b', 'ready'],
  ]);
  expectCode(await project.envctl(['exec', '-T', 'p', 'a', '--', 'touch', '/ready']), 0);
  expect((await asked())[0]).toEqual(['a', 'ready']);
  expectCode(await project.envctl('down p'), 0);
});
