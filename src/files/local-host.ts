import { readdir, readFile, stat } from 'node:fs/promises';
import type { Host } from '../model/host.js';
import { runProcess } from '../processes/run-process.js';

/** This machine for the rooms that do not touch it themselves: commands run in the current directory and inherit `env`. */
export function localHost(env: Readonly<Record<string, string | undefined>>): Host {
  return {
    run: (argv, options) => runProcess(argv, { cwd: process.cwd(), ...options, env: { ...env, ...options.env } }),
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
