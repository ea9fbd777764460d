import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { deadline } from '../../src/model/deadline.js';

const collectGarbage = (): void => {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
};
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test('a deadline fires although nothing refers to its signal and garbage is collected', async () => {
  const parent = new AbortController();
  let fired = 0;
  for (let i = 0; i < 10; i += 1) deadline(60, parent.signal).addEventListener('abort', () => (fired += 1));
  await pause(10);
  collectGarbage();
  await pause(100);
  expect(fired).toBe(10);
});

test('a deadline aborts with its parent signal, and with a TimeoutError when the time is over', async () => {
  const parent = new AbortController();
  const aborted = deadline(60_000, parent.signal);
  parent.abort(new Error('interrupted'));
  expect(aborted.reason).toEqual(new Error('interrupted'));
  const expired = deadline(1);
  await pause(20);
  expect(expired.reason).toMatchObject({ name: 'TimeoutError' });
});
