import { expect, test } from 'vitest';
import type { Engine, StateChange } from '../../../src/model/engine.js';
import type { Observed } from '../../../src/model/observed.js';
import { watchReplicas } from '../../../src/run/replicas/replica-watcher.js';

/** An engine that counts observations and reports the changes it is given. */
function fakeEngine(): {
  readonly engine: Engine;
  readonly observations: () => number;
  report(change: StateChange): void;
} {
  let observations = 0;
  let report: (change: StateChange) => void = () => undefined;
  const engine = {
    observe: async () => {
      observations += 1;
      return [];
    },
    async *watch() {
      for (;;) yield await new Promise<StateChange>((resolve) => (report = resolve));
    },
  } as unknown as Engine;
  return { engine, observations: () => observations, report: (change) => report(change) };
}

const seen = { service: 'db', replica: 1, id: 'a', state: 'running', startedAt: 900 } as Observed;
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

test('the watcher ignores start events of a service it is starting, and observes after all other events', async () => {
  const { engine, observations, report } = fakeEngine();
  const watcher = watchReplicas(engine, 'x', AbortSignal.timeout(5000));
  await pause();
  let started: (observed: readonly Observed[]) => void = () => undefined;
  const starting = watcher.starting('db', () => new Promise((resolve) => (started = resolve)));
  report({ service: 'db', began: 1000 });
  await pause();
  expect(observations()).toBe(0);
  report({ service: 'db' });
  await pause();
  expect(observations()).toBe(1);
  started([seen]);
  await starting;
  expect(watcher.of('db')).toEqual([seen]);
  report({ service: 'db', began: 1000 });
  await pause();
  expect(observations()).toBe(1);
  report({ service: 'db', began: 2000 });
  await pause();
  expect(observations()).toBe(2);
});

test('the watcher no longer ignores start events after a failed start', async () => {
  const { engine, observations, report } = fakeEngine();
  const watcher = watchReplicas(engine, 'x', AbortSignal.timeout(5000));
  await pause();
  await expect(watcher.starting('db', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  report({ service: 'db', began: 1000 });
  await pause();
  expect(observations()).toBe(1);
});
