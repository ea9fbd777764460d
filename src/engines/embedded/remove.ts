import { existsSync } from 'node:fs';
import { rmdir } from 'node:fs/promises';
import path from 'node:path';
import type { RemovalResult, RemoveOptions } from '../../model/engine.js';
import {
  type EmbeddedContext,
  instanceFolder,
  keepFile,
  linkOf,
  memoryFolders,
  namesIn,
  type Replica,
  storeFolder,
} from './context.js';
import { discard } from './files.js';
import { keyOf, storesOf } from './kept-stores.js';
import { release } from './ports.js';
import { listProcesses, membersOf } from './process-table.js';
import { replicasOf } from './records.js';
import { defaultGraceMs, kill, stopReplica } from './stop.js';

/**
 * Ends every process of an instance, also those that no record knows of, and removes its folder and its claims on ports.
 * Stores stay with `data: 'keep'`, and those of services with `keep` always; what has one then ends by itself, so that it has written everything. Says what is gone and what could not be removed.
 */
export async function remove(
  world: EmbeddedContext,
  instance: string,
  { graceMs, data, except = [], signal }: RemoveOptions & { readonly signal: AbortSignal },
): Promise<RemovalResult> {
  const replicas = replicasOf(world, instance);
  const stays = (store: Replica): boolean =>
    data === 'keep' || except.includes(storeFolder(world, store)) || existsSync(keepFile(world, store));
  const doomed = storesOf(world, instance).filter((store) => !stays(store));
  const lasting = new Set(storesOf(world, instance).filter(stays).map(keyOf));
  await Promise.all(
    replicas.map((replica) =>
      stopReplica(world, replica, {
        graceMs: lasting.has(keyOf(replica)) ? Math.max(graceMs, defaultGraceMs) : graceMs,
        signal,
      }),
    ),
  );
  const alive = await endStrays(world, instance, signal);
  if (alive.length > 0) return { data: [], left: alive };
  await removeFiles(world, instance, doomed);
  release(world, instance);
  return { data: doomed.map(storeName), left: leftOvers(world, instance, doomed) };
}

type Left = RemovalResult['left'];

/** Processes that carry the instance's mark without a record: their caller was killed between start and writing it down. */
async function endStrays(world: EmbeddedContext, instance: string, signal: AbortSignal): Promise<Left> {
  const origin = { folders: [instanceFolder(world, instance), ...memoryFolders(world, instance)], groups: [] };
  await kill(origin, { leader: null, signal });
  return membersOf(listProcesses(), origin).map(({ pid, command }) => ({
    name: `process ${pid}`,
    why: `does not end: ${command.slice(0, 80)}`,
  }));
}

const storeName = ({ service, replica }: Replica): string => (replica > 1 ? `${service}-${replica}` : service);

async function removeFiles(world: EmbeddedContext, instance: string, stores: readonly Replica[]): Promise<void> {
  const folder = instanceFolder(world, instance);
  for (const store of stores) await removeStore(storeFolder(world, store));
  const linked = new Set(storesOf(world, instance).map((store) => linkOf(storeFolder(world, store))));
  for (const memory of memoryFolders(world, instance)) if (!linked.has(memory)) await discard(memory);
  await discard(path.join(folder, 'services'));
  for (const name of namesIn(path.join(folder, 'stores'))) await removeEmpty(path.join(folder, 'stores', name));
  await removeEmpty(path.join(folder, 'stores'));
  await removeEmpty(folder);
}

/** A store in memory is a link to it. What cannot be removed is found by looking afterwards. */
async function removeStore(store: string): Promise<void> {
  const memory = linkOf(store);
  if (memory) await discard(memory);
  await discard(store);
}

const removeEmpty = (folder: string): Promise<void> => rmdir(folder).catch(() => undefined);

function leftOvers(world: EmbeddedContext, instance: string, doomed: readonly Replica[]): Left {
  const records = path.join(instanceFolder(world, instance), 'services');
  const files = [...doomed.map((store) => storeFolder(world, store)), records].filter((file) => existsSync(file));
  return files.map((name) => ({ name, why: 'could not be removed' }));
}
