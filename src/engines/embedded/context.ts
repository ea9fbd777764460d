import { createHash } from 'node:crypto';
import type { EventEmitter } from 'node:events';
import { accessSync, constants, readdirSync, readFileSync, readlinkSync, statfsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { EnvctlError } from '../../model/errors.js';

export interface EmbeddedOptions {
  /** This process's environment: PATH, HOME and the like are handed on from it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute folder in which every instance has a folder of its own. */
  readonly stateDir: string;
  /** Absolute folder of what is made once and copied: server binaries, template data directories. */
  readonly cacheDir: string;
  /** The Node.js that runs programs of ours. */
  readonly nodePath: string;
  /** Compiled program of the mock server; by default the one beside this file. */
  readonly mockProgram?: string;
  /** Where servers are looked for besides PATH; by default where distributions put them. */
  readonly programFolders?: readonly string[];
}

/** What every part of this engine is handed. */
export interface EmbeddedContext extends EmbeddedOptions {
  /** Emits `exit` with an instance id when a process that this process started has ended. */
  readonly exits: EventEmitter;
  /** Servers already looked for, by who asked; see `findServer`. */
  readonly found: Map<string, unknown>;
}

/** One replica of a service of an instance. */
export interface Replica {
  readonly instance: string;
  readonly service: string;
  readonly replica: number;
}

/**
 * Where this engine keeps its files. As root they must be reachable by an unprivileged user, since PostgreSQL refuses to run as root,
 * so they are never under /root. `ENVCTL_STATE_DIR` and `ENVCTL_CACHE_DIR` override; otherwise the XDG base directories, on macOS too.
 */
export function embeddedFolders(environment: EmbeddedOptions['env']): Pick<EmbeddedOptions, 'stateDir' | 'cacheDir'> {
  const [state, cache] = userFolders(environment);
  return {
    stateDir: path.join(environment.ENVCTL_STATE_DIR || state, 'instances'),
    cacheDir: environment.ENVCTL_CACHE_DIR || cache,
  };
}

function userFolders(environment: EmbeddedOptions['env']): readonly [string, string] {
  const home = environment.HOME || homedir();
  if (process.getuid?.() === 0) return ['/var/lib/envctl', '/var/cache/envctl'];
  return [
    path.join(environment.XDG_STATE_HOME || path.join(home, '.local/state'), 'envctl'),
    path.join(environment.XDG_CACHE_HOME || path.join(home, '.cache'), 'envctl'),
  ];
}

/** Throws INSTANCE_UNKNOWN for an id that would lead out of the folder. */
export function instanceFolder(world: Pick<EmbeddedContext, 'stateDir'>, instance: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(instance)) return path.join(world.stateDir, instance);
  throw new EnvctlError('INSTANCE_UNKNOWN', `"${instance}" is no instance id`, {
    hint: '`envctl ls` lists the instances there are.',
  });
}

/** Its records and logs; also the mark by which its processes are known. */
export const replicaFolder = (world: EmbeddedContext, { instance, service, replica }: Replica): string =>
  path.join(instanceFolder(world, instance), 'services', service, String(replica));

/** Its data; stays when the replica is removed and made anew. May be a link into memory. */
export const storeFolder = (world: EmbeddedContext, { instance, service, replica }: Replica): string =>
  path.join(instanceFolder(world, instance), 'stores', service, String(replica));

/** Stands beside the data of a service that keeps it whatever becomes of the instance. */
export const keepFile = (world: EmbeddedContext, { instance, service }: Omit<Replica, 'replica'>): string =>
  path.join(instanceFolder(world, instance), 'stores', service, 'keep');

const shared = '/dev/shm';
/** A container's default /dev/shm holds 64 MB, less than one database. */
const enoughBytes = 512 * 2 ** 20;

/** A place in memory for a store; null: there is none here, or too little of it. */
export function memoryFolder(world: EmbeddedContext, replica: Replica): string | null {
  if (process.platform !== 'linux') return null;
  try {
    accessSync(shared, constants.W_OK);
    const { bavail, bsize } = statfsSync(shared);
    return bavail * bsize < enoughBytes
      ? null
      : path.join(shared, `${memoryPrefix(world, replica.instance)}${replica.service}+${replica.replica}`);
  } catch {
    return null;
  }
}

/** The folders in memory that belong to an instance. */
export function memoryFolders(world: EmbeddedContext, instance: string): readonly string[] {
  const prefix = memoryPrefix(world, instance);
  return namesIn(shared)
    .filter((name) => name.startsWith(prefix))
    .map((name) => path.join(shared, name));
}

const memoryPrefix = (world: EmbeddedContext, instance: string): string =>
  `envctl+${createHash('sha256').update(world.stateDir).digest('hex').slice(0, 8)}+${instance}+`;

/** Names in a folder, sorted; none where it is missing. */
export function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/** null: not there, or not readable. */
export function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

/** null: no link. */
export function linkOf(file: string): string | null {
  try {
    return readlinkSync(file);
  } catch {
    return null;
  }
}
