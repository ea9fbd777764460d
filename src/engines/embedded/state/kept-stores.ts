import { statSync } from 'node:fs';
import path from 'node:path';
import type { KeptStore } from '../../../model/engine.js';
import type { EmbeddedContext, Replica } from '../context.js';
import { entriesIn, instanceFolder, storeFolder } from './paths.js';
import { instancesOf, replicaNumbers, replicasOf } from './records.js';

/** Stores whose replicas were removed; null: of all instances. */
export function keptStores(context: EmbeddedContext, instance: string | null): readonly KeptStore[] {
  return (instance === null ? instancesOf(context) : [instance]).flatMap((id) => {
    const existing = new Set(replicasOf(context, id).map(replicaKey));
    return storesOf(context, id).flatMap((store) => {
      const name = storeFolder(context, store);
      // A link into memory survives a reboot, the data it leads to does not.
      const stat = existing.has(replicaKey(store)) ? undefined : statSync(name, { throwIfNoEntry: false });
      return stat === undefined
        ? []
        : [{ instance: id, service: store.service, profile: null, name, createdAt: stat.birthtimeMs }];
    });
  });
}

/** Identifies a replica within its instance. */
export const replicaKey = ({ service, replica }: Omit<Replica, 'instance'>): string => `${service}/${replica}`;

export function storesOf(context: EmbeddedContext, instance: string): readonly Replica[] {
  const stores = path.join(instanceFolder(context, instance), 'stores');
  return entriesIn(stores).flatMap((service) =>
    replicaNumbers(path.join(stores, service)).map((replica) => ({ instance, service, replica })),
  );
}
