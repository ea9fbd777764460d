import { expect, test } from 'vitest';
import { semaphore } from '../../../src/engines/docker/api/semaphore.js';

test('lets so many work at once, in order, and a failure gives its turn on', async () => {
  const turn = semaphore(2);
  const begun: number[] = [];
  const ends = new Map<number, (error?: Error) => void>();
  const works = [1, 2, 3, 4].map((number) =>
    turn(async () => {
      begun.push(number);
      await new Promise<void>((resolve, reject) => ends.set(number, (error) => (error ? reject(error) : resolve())));
      return number;
    }),
  );
  const settled = Promise.allSettled(works);
  const end = async (number: number, error?: Error): Promise<void> => {
    ends.get(number)?.(error);
    await new Promise(setImmediate);
  };
  await end(0);
  expect(begun).toEqual([1, 2]);
  await end(2, new Error('no'));
  expect(begun).toEqual([1, 2, 3]);
  await end(1);
  await end(3);
  expect(begun).toEqual([1, 2, 3, 4]);
  await end(4);
  expect((await settled).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
});
