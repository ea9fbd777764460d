import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type EventSink, programCaller } from '../../src/app/caller.js';
import { restart } from '../../src/app/restart.js';
import { withSession } from '../../src/app/session.js';
import { lockInstance } from '../../src/files/lock.js';
import { up } from '../../src/index.js';
import { EnvctlError } from '../../src/model/errors.js';
import { answerOf, testProject } from './project.js';

const sink: EventSink = { emit: () => undefined, timeline: () => '', close: async () => undefined };
const settings = {
  parameters: {},
  composeProfiles: [],
  services: [],
  without: [],
  storage: 'auto',
  ephemeral: false,
  fixedPorts: false,
  pull: false,
  keepFailed: false,
  timeoutMs: null,
} as const;

test('restart holds the lock of the instance from its first look until everything is ready again', async () => {
  const { options } = testProject();
  await using environment = await up(options);
  const caller = programCaller(options);
  const request = { profile: 'site', files: [], instance: null, engine: 'embedded' };
  let finished = false;
  const restarting = withSession(request, { caller, emit: sink.emit }, async (session) => {
    const { running } = await restart(session, settings, sink).finally(() => {
      finished = true;
    });
    return running;
  });
  const attempts: ('locked' | 'free')[] = [];
  while (!finished) {
    attempts.push(await tryLock(environment.id));
    await nextTurn();
  }
  const running = await restarting;
  // The first attempts may come before the lock is taken.
  const held = attempts.slice(attempts.indexOf('locked'));
  expect(held.length).toBeGreaterThan(10);
  expect(held).not.toContain('free');
  expect(await answerOf(running.exports.WEB_URL)).toBe('hello world');
});

async function tryLock(instance: string): Promise<'locked' | 'free'> {
  try {
    const lock = await lockInstance(instance, {
      signal: new AbortController().signal,
      waitMs: 0,
      onWait: () => undefined,
    });
    await lock.release();
    return 'free';
  } catch (error) {
    if (error instanceof EnvctlError && error.code === 'LOCKED') return 'locked';
    throw error;
  }
}
