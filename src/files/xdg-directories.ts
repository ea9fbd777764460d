import { homedir } from 'node:os';
import { join } from 'node:path';

type ProcessVariables = Readonly<Record<string, string | undefined>>;

/** This user's files: settings in `config`, the key of generated secrets in `state`. */
export interface UserFolders {
  readonly config: string;
  readonly state: string;
}

/** Folders in which an engine keeps its own files. */
export interface EngineFolders {
  readonly state: string;
  readonly cache: string;
}

/** By the XDG base directory specification, on macOS and Windows too. */
export const userFolders = (env: ProcessVariables): UserFolders => ({
  config: xdgFolder(env, 'XDG_CONFIG_HOME', '.config'),
  state: xdgFolder(env, 'XDG_STATE_HOME', '.local/state'),
});

/**
 * `ENVCTL_STATE_DIR` and `ENVCTL_CACHE_DIR`, else the XDG folders. Root's are system folders: services that root may
 * not run (PostgreSQL) run as an unprivileged user, who cannot enter /root.
 */
export function engineFolders(env: ProcessVariables): EngineFolders {
  const isRoot = process.getuid?.() === 0;
  return {
    state: env.ENVCTL_STATE_DIR || (isRoot ? '/var/lib/envctl' : xdgFolder(env, 'XDG_STATE_HOME', '.local/state')),
    cache: env.ENVCTL_CACHE_DIR || (isRoot ? '/var/cache/envctl' : xdgFolder(env, 'XDG_CACHE_HOME', '.cache')),
  };
}

const xdgFolder = (env: ProcessVariables, variable: string, inHome: string): string =>
  join(env[variable] || join(env.HOME || homedir(), inHome), 'envctl');
