import { statSync } from 'node:fs';
import path from 'node:path';
import type { KeptStore } from '../../model/engine.js';
import { type EmbeddedContext, instanceFolder, namesIn, type Replica, storeFolder } from './context.js';
import { instancesOf, numbersIn, replicasOf } from './records.js';

/** Stores of replicas that there are no records of. */
export function kept(world: EmbeddedContext, instance: string | null): readonly KeptStore[] {
  return (instance === null ? instancesOf(world) : [instance]).flatMap((id) => {
    const alive = new Set(replicasOf(world, id).map(keyOf));
    return storesOf(world, id).flatMap((store) => {
      const name = storeFolder(world, store);
      // A link into memory outlives a restart of the machine, what it led to does not.
      const stat = alive.has(keyOf(store)) ? undefined : statSync(name, { throwIfNoEntry: false });
      return stat === undefined
        ? []
        : [{ instance: id, service: store.service, profile: null, name, createdAt: stat.birthtimeMs }];
    });
  });
}

/** One store among those of its instance. */
export const keyOf = ({ service, replica }: Omit<Replica, 'instance'>): string => `${service}/${replica}`;

export function storesOf(world: EmbeddedContext, instance: string): readonly Replica[] {
  const stores = path.join(instanceFolder(world, instance), 'stores');
  return namesIn(stores).flatMap((service) =>
    numbersIn(path.join(stores, service)).map((replica) => ({ instance, service, replica })),
  );
}
