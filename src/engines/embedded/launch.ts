/** Starting a program so that it outlives its caller and its end is known. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, closeSync, mkdirSync, openSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { type EmbeddedContext, type Replica, replicaFolder } from './context.js';
import { birthOf, mark } from './process-table.js';
import { exitFile, type Run, writeRecord } from './records.js';
import type { Launch, User } from './servers/server.js';

/**
 * Stays as leader of the group to write down how the program ended: only a parent is told, and the caller will be gone.
 * A handled signal is not passed on by the shell, nor does it end it: the whole group gets it, and the program decides.
 * The program and its arguments are "$@": no text of a profile is ever read as shell.
 */
const supervisor = 'file=$1; shift; trap : TERM INT HUP QUIT; "$@"; code=$?; echo "$code" >"$file"; exit "$code"';

/** What a program of this machine may expect to find; nothing else of the caller's environment is handed on. */
const handedOn = ['PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'LC_ALL', 'LC_CTYPE', 'TMPDIR', 'TZ'] as const;

export function baseEnvironment(world: EmbeddedContext): Record<string, string> {
  const base = Object.fromEntries(
    handedOn.flatMap((name) => (world.env[name] === undefined ? [] : [[name, world.env[name]]])),
  );
  const folders = [
    ...(base.PATH ?? '/usr/local/bin:/usr/bin:/bin').split(path.delimiter),
    path.dirname(world.nodePath),
  ];
  return { ...base, PATH: [...new Set(folders)].join(path.delimiter) };
}

export interface Start extends Launch {
  readonly replica: Replica;
  readonly cwd: string;
}

/** Starts a new run. The run is written down before the process exists, so that no moment of death of the caller's can hide it. */
export async function launch(world: EmbeddedContext, { replica, argv, env, cwd, user }: Start): Promise<void> {
  const folder = replicaFolder(world, replica);
  const run = beginRun(folder, user);
  const out = openSync(path.join(folder, 'out.log'), 'a', 0o600);
  const err = openSync(path.join(folder, 'err.log'), 'a', 0o600);
  const child = spawn('/bin/sh', ['-c', supervisor, 'envctl', exitFile(folder, run), ...argv], {
    detached: true,
    cwd,
    env: { ...baseEnvironment(world), ...env, [mark]: folder },
    stdio: ['ignore', out, err],
    ...user,
  });
  closeSync(out);
  closeSync(err);
  child.once('exit', () => world.exits.emit('exit', replica.instance));
  child.unref();
  await once(child, 'spawn');
  writeRecord(folder, 'run', {
    ...run,
    pid: child.pid ?? null,
    birth: child.pid === undefined ? null : birthOf(child.pid),
  });
}

function beginRun(folder: string, user: User | null): Run {
  const logs = { out: sizeOf(folder, 'out'), err: sizeOf(folder, 'err') };
  const run: Run = { nonce: randomBytes(6).toString('hex'), startedAt: Date.now(), pid: null, birth: null, logs };
  const results = path.join(folder, 'run');
  rmSync(results, { recursive: true, force: true });
  mkdirSync(results, { mode: 0o700 });
  if (user) chownSync(results, user.uid, user.gid);
  writeRecord(folder, 'run', run);
  return run;
}

function sizeOf(folder: string, name: 'out' | 'err'): number {
  return statSync(path.join(folder, `${name}.log`), { throwIfNoEntry: false })?.size ?? 0;
}
