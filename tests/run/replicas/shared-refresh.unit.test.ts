import { expect, test } from 'vitest';
import { sharedRefresh } from '../../../src/run/replicas/shared-refresh.js';

/** Runs that end on demand. */
function controlled() {
  const ends: (() => void)[] = [];
  const refresh = sharedRefresh(() => new Promise<void>((resolve) => ends.push(resolve)));
  const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
  return { ends, refresh, settle };
}

test('a fresh refresh during a run waits for one more run, shared by all callers', async () => {
  const { ends, refresh, settle } = controlled();
  const first = refresh.fresh();
  const second = refresh.fresh();
  const third = refresh.fresh();
  expect(ends.length).toBe(1);
  ends[0]?.();
  await first;
  await settle();
  expect(ends.length).toBe(2);
  ends[1]?.();
  await Promise.all([second, third]);
  expect(ends.length).toBe(2);
});

test('joining a refresh shares the run in progress', async () => {
  const { ends, refresh } = controlled();
  const first = refresh.fresh();
  const joined = refresh.join();
  ends[0]?.();
  await Promise.all([first, joined]);
  expect(ends.length).toBe(1);
});
