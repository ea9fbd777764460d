/** Kills the built command, which `npm test` makes. */
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
const envctl = (...argv: string[]): { readonly status: number | null; readonly stderr: string } => {
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'bin/envctl.js'), ...argv], {
    cwd: root,
    env: environment,
    encoding: 'utf8',
  });
  return { status, stderr: status === 0 ? '' : stderr };
};

const success = { status: 0, stderr: '' };
const leftovers = (): readonly unknown[] => [
  ...listProcesses().filter(({ owner }) => owner?.startsWith(state)),
  ...(existsSync(join(state, 'instances'))
    ? readdirSync(join(state, 'instances')).filter((name) => name !== '.ports')
    : []),
  ...(existsSync('/dev/shm') ? readdirSync('/dev/shm').filter((name) => name.includes('+quickstart-killed')) : []),
];

test('after `up` was killed at any moment, the next `up` succeeds and `down` leaves nothing', async () => {
  expect(envctl('up', 'quickstart', '-i', 'killed')).toEqual(success);
  expect(envctl('down', 'quickstart', '-i', 'killed')).toEqual(success);

  for (let round = 0; round < 20; round++) {
    const afterMs = Math.round(Math.random() * 2000);
    const caller = spawn(process.execPath, [join(root, 'bin/envctl.js'), 'up', 'quickstart', '-i', 'killed'], {
      cwd: root,
      env: environment,
      stdio: 'ignore',
    });
    await sleep(afterMs);
    caller.kill('SIGKILL');

    const up = round % 2 === 0 ? envctl('up', 'quickstart', '-i', 'killed') : success;
    const down = envctl('down', 'quickstart', '-i', 'killed');

    expect({ afterMs, up, down, left: leftovers() }).toEqual({ afterMs, up: success, down: success, left: [] });
  }
}, 300_000);
