import { expect, test } from 'vitest';
import { attempt, notYet, ready, words } from '../../src/protocols/shared/attempt.js';
import { reachTo } from '../testing/reach.js';

const never = (): Promise<never> => new Promise(() => {});

test('an answer is handed on, and its sockets are ended', async () => {
  let seen: AbortSignal | undefined;
  const answer = await attempt(reachTo(1), async (_, signal) => {
    seen = signal;
    expect(signal.aborted).toBe(false);
    return ready;
  });
  expect(answer).toEqual(ready);
  expect(seen?.aborted).toBe(true);
});

test('one that never answers is given up, even if it does not heed the signal', async () => {
  expect(await attempt(reachTo(1), never, 30)).toEqual(notYet('no answer within 30ms'));
});

test('the caller can end it at any time, with a reason of its own', async () => {
  const stop = new AbortController();
  const asked = attempt(reachTo(1, { signal: stop.signal }), never);
  stop.abort(new Error('stopped'));
  await expect(asked).rejects.toThrow('stopped');
  await expect(attempt(reachTo(1, { signal: stop.signal }), async () => ready)).rejects.toThrow('stopped');
});

test('what goes wrong is told in a few words', async () => {
  const throwing = (error: unknown) => attempt(reachTo(1), () => Promise.reject(error));
  expect(
    await throwing(Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' })),
  ).toEqual(notYet('connection refused'));
  expect(await throwing(new Error('the database system is starting up\nstack'))).toEqual(
    notYet('the database system is starting up'),
  );
  expect(words(new Error('Connection terminated unexpectedly'))).toBe('connection closed by the server');
  expect(words('odd')).toBe('odd');
});
