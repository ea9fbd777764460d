import { expect, test } from 'vitest';
import { rollBack } from '../../src/app/roll-back.js';
import type { Engine } from '../../src/model/engine.js';
import type { Observed } from '../../src/model/observed.js';

const replica = (service: string, number: number, id: string): Observed =>
  ({ instance: 'shop-1', service, replica: number, id }) as unknown as Observed;

async function removedServices(before: readonly Observed[], after: readonly Observed[]): Promise<unknown> {
  let removed: unknown = null;
  const engine = {
    removeServices: async (_: string, services: unknown) => {
      removed = services;
    },
  } as unknown as Engine;
  const session = { engine, identity: { id: 'shop-1' }, observed: before, kept: [] };
  await rollBack(session as unknown as Parameters<typeof rollBack>[0], after, new AbortController().signal);
  return removed;
}

test('rolling back a failed scale-up keeps the replicas that ran before', async () => {
  const first = replica('worker', 1, 'a');
  expect(await removedServices([first], [first, replica('worker', 2, 'b')])).toEqual([
    { service: 'worker', keepReplicas: 1 },
  ]);
});

test('rolling back removes a service that was recreated, and leaves the others', async () => {
  const db = replica('db', 1, 'd');
  expect(await removedServices([db, replica('app', 1, 'a')], [db, replica('app', 1, 'b')])).toEqual([
    { service: 'app', keepReplicas: 0 },
  ]);
});
