/** The folders of instances, replicas and stores; README.md shows the layout. */
import { createHash } from 'node:crypto';
import { accessSync, constants, readdirSync, readFileSync, readlinkSync, statfsSync } from 'node:fs';
import path from 'node:path';
import { EnvctlError } from '../../../model/errors.js';
import type { EmbeddedContext, Replica } from '../context.js';

/** Throws INSTANCE_UNKNOWN for an id that would lead out of the state folder. */
export function instanceFolder(context: Pick<EmbeddedContext, 'stateDir'>, instance: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(instance)) return path.join(context.stateDir, instance);
  throw new EnvctlError('INSTANCE_UNKNOWN', `"${instance}" is not a valid instance id`, {
    hint: 'Run `envctl ls` to list the instances.',
  });
}

/** Records and logs of a replica. The path also marks its processes; see `ownerVariable`. */
export const replicaFolder = (context: EmbeddedContext, { instance, service, replica }: Replica): string =>
  path.join(instanceFolder(context, instance), 'services', service, String(replica));

/** Data of a replica; stays when the replica is recreated. May be a link into memory. */
export const storeFolder = (context: EmbeddedContext, { instance, service, replica }: Replica): string =>
  path.join(instanceFolder(context, instance), 'stores', service, String(replica));

/** A file whose existence keeps the service's stores when the instance is removed (`keep: true`). */
export const keepMarker = (context: EmbeddedContext, { instance, service }: Omit<Replica, 'replica'>): string =>
  path.join(instanceFolder(context, instance), 'stores', service, 'keep');

const sharedMemory = '/dev/shm';
/** A container's default /dev/shm has 64 MB, which is less than one database needs. */
const requiredBytes = 512 * 2 ** 20;

/** A folder in memory for a replica's store; null if this machine has no shared memory or too little of it. */
export function memoryFolder(context: EmbeddedContext, replica: Replica): string | null {
  if (process.platform !== 'linux') return null;
  try {
    accessSync(sharedMemory, constants.W_OK);
    const { bavail, bsize } = statfsSync(sharedMemory);
    return bavail * bsize < requiredBytes
      ? null
      : path.join(sharedMemory, `${memoryPrefix(context, replica.instance)}${replica.service}+${replica.replica}`);
  } catch {
    return null;
  }
}

/** All folders in memory that belong to an instance. */
export function memoryFolders(context: EmbeddedContext, instance: string): readonly string[] {
  const prefix = memoryPrefix(context, instance);
  return entriesIn(sharedMemory)
    .filter((name) => name.startsWith(prefix))
    .map((name) => path.join(sharedMemory, name));
}

const memoryPrefix = (context: EmbeddedContext, instance: string): string =>
  `envctl+${createHash('sha256').update(context.stateDir).digest('hex').slice(0, 8)}+${instance}+`;

/** Sorted names of a folder's entries; empty if it is missing. */
export function entriesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/** null: missing or not readable. */
export function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

/** null: not a link. */
export function linkTarget(file: string): string | null {
  try {
    return readlinkSync(file);
  } catch {
    return null;
  }
}
