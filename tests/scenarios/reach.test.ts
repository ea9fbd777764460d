/** Looking at services and touching them. */
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
  const port = (await project.envctl('port p cache')).stdout.trim();
  expect((await project.container('cache')).published['6379/tcp']).toEqual([port]);
  const before = await project.container('a');
  expectCode(await project.envctl('restart p a'), 0);
  const after = await project.container('a');
  expect(after.id).toBe(before.id);
  expect(after.startedAt).not.toBe(before.startedAt);
  const unknown = await project.envctl('logs p aa');
  expect(unknown.code).toBe(2);
  expect(unknown.stderr).toMatch(/nothing of "aa" runs/);
  expectCode(await project.envctl('down p'), 0);
});
