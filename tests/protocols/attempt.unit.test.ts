import { expect, test } from 'vitest';
import { notYet, ready } from '../../src/model/protocol.js';
import { attempt } from '../../src/protocols/shared/attempt.js';
import { messageOf } from '../../src/protocols/shared/errors.js';
import { reachTo } from '../testing/reach.js';

const never = (): Promise<never> => new Promise(() => {});

test('an attempt returns the answer and aborts its sockets', async () => {
  let seen: AbortSignal | undefined;
  const answer = await attempt(reachTo(1), async (_, signal) => {
    seen = signal;
    expect(signal.aborted).toBe(false);
    return ready;
  });
  expect(answer).toEqual(ready);
  expect(seen?.aborted).toBe(true);
});

test('an attempt ends after its time limit even if the request ignores the signal', async () => {
  expect(await attempt(reachTo(1), never, 30)).toEqual(notYet('no answer within 30ms'));
});

test('an attempt rejects with the reason of the caller that aborts it', async () => {
  const stop = new AbortController();
  const asked = attempt(reachTo(1, { signal: stop.signal }), never);
  stop.abort(new Error('stopped'));
  await expect(asked).rejects.toThrow('stopped');
  await expect(attempt(reachTo(1, { signal: stop.signal }), async () => ready)).rejects.toThrow('stopped');
});

test('an attempt reports errors in one line', async () => {
  const throwing = (error: unknown) => attempt(reachTo(1), () => Promise.reject(error));
  expect(
    await throwing(Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' })),
  ).toEqual(notYet('connection refused'));
  expect(await throwing(new Error('the database system is starting up\nstack'))).toEqual(
    notYet('the database system is starting up'),
  );
  expect(messageOf(new Error('Connection terminated unexpectedly'))).toBe('connection closed by the server');
  expect(messageOf('odd')).toBe('odd');
});
