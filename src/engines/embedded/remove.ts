import { existsSync } from 'node:fs';
import { rmdir } from 'node:fs/promises';
import path from 'node:path';
import type { RemovalResult, RemoveOptions } from '../../model/engine.js';
import type { EmbeddedContext, Replica } from './context.js';
import { kill, livingProcesses } from './processes/terminate.js';
import { replicaKey, storesOf } from './state/kept-stores.js';
import { discard } from './state/make-once.js';
import { entriesIn, instanceFolder, keepMarker, linkTarget, memoryFolders, storeFolder } from './state/paths.js';
import { releasePorts } from './state/ports.js';
import { replicasOf } from './state/records.js';
import { stopReplica, stopTimeoutOf } from './stop.js';

/** A removal does not wait longer than this for one service, whatever its `stop_grace_period`. */
const longestGraceMs = 60_000;

/**
 * Ends every process of an instance, recorded or not, and removes its folder and port claims. Stores are kept with
 * `data: 'keep'`, and always if their service has `keep: true`; services with a kept store get their grace period.
 */
export async function remove(
  context: EmbeddedContext,
  instance: string,
  { graceMs, data, except = [], signal }: RemoveOptions & { readonly signal: AbortSignal },
): Promise<RemovalResult> {
  const isKept = (store: Replica): boolean =>
    data === 'keep' || except.includes(storeFolder(context, store)) || existsSync(keepMarker(context, store));
  const stores = storesOf(context, instance);
  const toRemove = stores.filter((store) => !isKept(store));
  const withKeptStore = new Set(stores.filter(isKept).map(replicaKey));
  const graceOf = (replica: Replica): number =>
    withKeptStore.has(replicaKey(replica))
      ? Math.max(graceMs, Math.min(stopTimeoutOf(context, replica), longestGraceMs))
      : graceMs;
  await Promise.all(
    replicasOf(context, instance).map((replica) =>
      stopReplica(context, replica, { graceMs: graceOf(replica), signal }),
    ),
  );
  const alive = await killUnrecorded(context, instance, signal);
  if (alive.length > 0) return { data: [], left: alive };
  await removeFiles(context, instance, toRemove);
  releasePorts(context, instance);
  return { data: toRemove.map(storeName), left: remainingFiles(context, instance, toRemove) };
}

type Leftovers = RemovalResult['left'];

/** Kills marked processes without a record: their caller was killed between starting and recording them. */
async function killUnrecorded(context: EmbeddedContext, instance: string, signal: AbortSignal): Promise<Leftovers> {
  const origin = { folders: [instanceFolder(context, instance), ...memoryFolders(context, instance)], groups: [] };
  await kill(origin, { leader: null, signal });
  return livingProcesses(origin).map(({ pid, command }) => ({
    name: `process ${pid}`,
    why: `does not end: ${command.slice(0, 80)}`,
  }));
}

const storeName = ({ service, replica }: Replica): string => (replica > 1 ? `${service}-${replica}` : service);

async function removeFiles(context: EmbeddedContext, instance: string, stores: readonly Replica[]): Promise<void> {
  const folder = instanceFolder(context, instance);
  for (const store of stores) await removeStore(storeFolder(context, store));
  const linked = new Set(storesOf(context, instance).map((store) => linkTarget(storeFolder(context, store))));
  for (const memory of memoryFolders(context, instance)) if (!linked.has(memory)) await discard(memory);
  await discard(path.join(folder, 'services'));
  for (const name of entriesIn(path.join(folder, 'stores'))) await removeEmpty(path.join(folder, 'stores', name));
  await removeEmpty(path.join(folder, 'stores'));
  await removeEmpty(folder);
}

/** A store in memory is a link to it. */
async function removeStore(store: string): Promise<void> {
  const memory = linkTarget(store);
  if (memory) await discard(memory);
  await discard(store);
}

const removeEmpty = (folder: string): Promise<void> => rmdir(folder).catch(() => undefined);

/** `discard` does not fail, so what it could not remove is found afterwards. */
function remainingFiles(context: EmbeddedContext, instance: string, removed: readonly Replica[]): Leftovers {
  const records = path.join(instanceFolder(context, instance), 'services');
  const files = [...removed.map((store) => storeFolder(context, store)), records].filter((file) => existsSync(file));
  return files.map((name) => ({ name, why: 'could not be removed' }));
}
