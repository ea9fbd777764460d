import { expect, test } from 'vitest';
import type { Engine, StateChange } from '../../../src/model/engine.js';
import type { Observed } from '../../../src/model/observed.js';
import { watchReplicas } from '../../../src/run/replicas/replica-watcher.js';

/** An engine of which only looks and wakes matter. */
function looking(): { readonly engine: Engine; readonly looks: () => number; wake(wake: StateChange): void } {
  let looks = 0;
  let tell: (wake: StateChange) => void = () => undefined;
  const engine = {
    observe: async () => {
      looks += 1;
      return [];
    },
    async *watch() {
      for (;;) yield await new Promise<StateChange>((resolve) => (tell = resolve));
    },
  } as unknown as Engine;
  return { engine, looks: () => looks, wake: (wake) => tell(wake) };
}

const seen = { service: 'db', replica: 1, id: 'a', state: 'running', startedAt: 900 } as Observed;
const moment = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

test('that a service begins which is being started is nothing to look for; that it ends is', async () => {
  const { engine, looks, wake } = looking();
  const watcher = watchReplicas(engine, 'x', AbortSignal.timeout(5000));
  await moment();
  let started: (observed: readonly Observed[]) => void = () => undefined;
  const starting = watcher.starting('db', () => new Promise((resolve) => (started = resolve)));
  wake({ service: 'db', began: 1000 });
  await moment();
  expect(looks()).toBe(0);
  wake({ service: 'db' });
  await moment();
  expect(looks()).toBe(1);
  started([seen]);
  await starting;
  expect(watcher.of('db')).toEqual([seen]);
  wake({ service: 'db', began: 1000 });
  await moment();
  expect(looks()).toBe(1);
  wake({ service: 'db', began: 2000 });
  await moment();
  expect(looks()).toBe(2);
});

test('a start that fails is over', async () => {
  const { engine, looks, wake } = looking();
  const watcher = watchReplicas(engine, 'x', AbortSignal.timeout(5000));
  await moment();
  await expect(watcher.starting('db', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  wake({ service: 'db', began: 1000 });
  await moment();
  expect(looks()).toBe(1);
});
