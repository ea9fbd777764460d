import { readdir, readFile, stat } from 'node:fs/promises';
import type { Host } from '../model/host.js';
import { runProcess } from '../processes/run-process.js';

export interface LocalHostOptions {
  /** Inherited by commands. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Working directory of commands that do not specify one. */
  readonly cwd: string;
}

/** This machine for the rooms that do not touch it themselves. */
export function localHost({ env, cwd }: LocalHostOptions): Host {
  return {
    run: (argv, options) => runProcess(argv, { cwd, ...options, env: { ...env, ...options.env } }),
    stat: statPath,
    read: (path) => readFile(path),
  };
}

async function statPath(path: string): ReturnType<Host['stat']> {
  const found = await stat(path).catch(() => null);
  if (!found) return null;
  if (found.isDirectory()) return { kind: 'directory', entries: (await readdir(path)).sort(), size: 0 };
  return { kind: found.isFile() ? 'file' : 'other', entries: [], size: found.size };
}
