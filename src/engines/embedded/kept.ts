import { statSync } from 'node:fs';
import path from 'node:path';
import type { KeptStore } from '../../core/contracts.js';
import { instancesOf, numbersIn, replicasOf } from './records.js';
import { instanceFolder, namesIn, type Replica, storeFolder, type World } from './world.js';

/** Stores of replicas that there are no records of. */
export function kept(world: World, instance: string | null): readonly KeptStore[] {
  return (instance === null ? instancesOf(world) : [instance]).flatMap((id) => {
    const alive = new Set(replicasOf(world, id).map(storeName));
    return storesOf(world, id)
      .filter((store) => !alive.has(storeName(store)))
      .map((store) => ({ instance: id, service: store.service, ...folderOf(world, store) }));
  });
}

function folderOf(world: World, store: Replica): Pick<KeptStore, 'name' | 'createdAt'> {
  const name = storeFolder(world, store);
  return { name, createdAt: statSync(name, { throwIfNoEntry: false })?.birthtimeMs ?? 0 };
}

export function storesOf(world: World, instance: string): readonly Replica[] {
  const stores = path.join(instanceFolder(world, instance), 'stores');
  return namesIn(stores).flatMap((service) => numbersIn(path.join(stores, service)).map((replica) => ({ instance, service, replica })));
}

/** `db`, or `db-2` where there are several. */
export const storeName = ({ service, replica }: Omit<Replica, 'instance'>): string => (replica > 1 ? `${service}-${replica}` : service);
