/** logs, exec, port, restart and status. */
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { expectCode, lines, profile, scenario } from './vocabulary.js';

const cacheAndPrinter = profile(
  'p',
  `services:
  cache: { template: redis }
  a: { image: debian:bookworm-slim, command: sh -c "echo one; echo two; sleep 600", stop_signal: SIGKILL }
`,
);

scenario('logs prints the lines of one service, or of all with a label', async (stage) => {
  const project = stage.project(cacheAndPrinter);
  expectCode(await project.envctl('up p'), 0);
  expect((await project.envctl('logs p a')).stdout).toBe('one\ntwo\n');
  expect((await project.envctl('logs p a --tail 1')).stdout).toBe('two\n');
  const labels = lines((await project.envctl('logs p')).stdout).map((line) => /^(cache|a) +\| /.exec(line)?.[1]);
  expect(new Set(labels)).toEqual(new Set(['cache', 'a']));
  const unknown = await project.envctl('logs p aa');
  expectCode(unknown, 2);
  expect(unknown.stderr).toMatch(/Service "aa" is not running/);
  expectCode(await project.envctl('down p'), 0);
});

scenario('exec passes on standard input and the exit code, and port prints the published address', async (stage) => {
  const project = stage.project(cacheAndPrinter);
  expectCode(await project.envctl('up p'), 0);
  expectCode(await project.envctl(['exec', '-T', 'p', 'a', '--', 'sh', '-c', 'exit 5']), 5);
  const fed = await project.envctl(['exec', '-T', 'p', 'a', '--', 'sh', '-c', 'read line; echo "got $line"'], {
    input: 'this\n',
  });
  expect(fed).toMatchObject({ code: 0, stdout: 'got this\n' });
  const port = (await project.envctl('port p cache')).stdout.trim();
  expect((await project.container('cache')).published['6379/tcp']).toEqual([port]);
  expectCode(await project.envctl('down p'), 0);
});

scenario('restart restarts a container, and stops nothing if the profile cannot come up again', async (stage) => {
  const project = stage.project(cacheAndPrinter);
  expectCode(await project.envctl('up p'), 0);
  const before = await project.container('a');
  expectCode(await project.envctl('restart p a'), 0);
  const after = await project.container('a');
  expect(after.id).toBe(before.id);
  expect(after.startedAt).not.toBe(before.startedAt);
  const profileText = readFileSync(project.path('environments/p.yaml'), 'utf8');
  project.write(
    'environments/p.yaml',
    'services:\n  cache: { template: redis }\n  a: { image: envctl.invalid/none }\n',
  );
  expectCode(await project.envctl('restart p'), 5);
  expect((await project.container('cache')).running).toBe(true);
  project.write('environments/p.yaml', profileText);
  expectCode(await project.envctl('down p'), 0);
});

scenario('status reports the current answers of all probes of a gate', async (stage) => {
  const project = stage.project(
    profile(
      'p',
      'services:\n  a: { template: redis, ready: [redis, { exec: [test, -e, /ready] }] }\n  b: { template: redis }\n',
    ),
  );
  const gates = async (): Promise<readonly (readonly string[])[]> => {
    const { services } = JSON.parse((await project.envctl('status p --output json')).stdout) as {
      readonly services: readonly { readonly service: string; readonly gate: string }[];
    };
    return services.map(({ service, gate }) => [service, gate]);
  };
  expectCode(await project.envctl('up p --keep --timeout 3'), 17);
  expect(await gates()).toEqual([
    ['a', expect.stringContaining('exit 1')],
    ['b', 'ready'],
  ]);
  expectCode(await project.envctl(['exec', '-T', 'p', 'a', '--', 'touch', '/ready']), 0);
  expect((await gates())[0]).toEqual(['a', 'ready']);
  expectCode(await project.envctl('down p'), 0);
});
