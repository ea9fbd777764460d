import { expect, test } from 'vitest';
import { semaphore } from '../../../src/engines/docker/semaphore.js';

test('the semaphore runs at most N tasks at once, in order, and releases its slot on failure', async () => {
  const withSlot = semaphore(2);
  const started: number[] = [];
  const ends = new Map<number, (error?: Error) => void>();
  const tasks = [1, 2, 3, 4].map((number) =>
    withSlot(async () => {
      started.push(number);
      await new Promise<void>((resolve, reject) => ends.set(number, (error) => (error ? reject(error) : resolve())));
      return number;
    }),
  );
  const settled = Promise.allSettled(tasks);
  const end = async (number: number, error?: Error): Promise<void> => {
    ends.get(number)?.(error);
    await new Promise(setImmediate);
  };
  await end(0);
  expect(started).toEqual([1, 2]);
  await end(2, new Error('no'));
  expect(started).toEqual([1, 2, 3]);
  await end(1);
  await end(3);
  expect(started).toEqual([1, 2, 3, 4]);
  await end(4);
  expect((await settled).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
});
