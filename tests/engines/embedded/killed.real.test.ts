/** The whole way through the command line, which `npm test` has built. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { listProcesses } from '../../../src/engines/embedded/processes/process-table.js';
import { project } from '../../testing/embedded-environment.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const state = join(project, 'command-line');
const environment = {
  ...process.env,
  ENVCTL_STATE_DIR: state,
  ENVCTL_CACHE_DIR: join(project, 'command-line-cache'),
  ENVCTL_ENGINE: 'embedded',
};
const envctl = (...argv: string[]): { readonly status: number | null; readonly words: string } => {
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'bin/envctl.js'), ...argv], {
    cwd: root,
    env: environment,
    encoding: 'utf8',
  });
  return { status, words: status === 0 ? '' : stderr };
};

const fine = { status: 0, words: '' };
const left = (): readonly unknown[] => [
  ...listProcesses().filter(({ owner }) => owner?.startsWith(state)),
  ...(existsSync(join(state, 'instances'))
    ? readdirSync(join(state, 'instances')).filter((name) => name !== '.ports')
    : []),
  ...(existsSync('/dev/shm') ? readdirSync('/dev/shm').filter((name) => name.includes('+quickstart-killed')) : []),
];

test('an `up` that is killed at any moment is followed by one that succeeds and a `down` that leaves nothing', async () => {
  expect(envctl('up', 'quickstart', '-i', 'killed')).toEqual(fine);
  expect(envctl('down', 'quickstart', '-i', 'killed')).toEqual(fine);

  for (let round = 0; round < 20; round++) {
    const afterMs = Math.round(Math.random() * 2000);
    const caller = spawn(process.execPath, [join(root, 'bin/envctl.js'), 'up', 'quickstart', '-i', 'killed'], {
      cwd: root,
      env: environment,
      stdio: 'ignore',
    });
    await sleep(afterMs);
    caller.kill('SIGKILL');

    const up = round % 2 === 0 ? envctl('up', 'quickstart', '-i', 'killed') : fine;
    const down = envctl('down', 'quickstart', '-i', 'killed');

    expect({ afterMs, up, down, left: left() }).toEqual({ afterMs, up: fine, down: fine, left: [] });
  }
}, 300_000);
