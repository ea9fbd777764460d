import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, closeSync, mkdirSync, openSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import type { EmbeddedContext, Replica } from '../context.js';
import type { LaunchCommand, UnixUser } from '../servers/server.js';
import { replicaFolder } from '../state/paths.js';
import { exitFile, type RunRecord, writeRecord } from '../state/records.js';
import { birthOf, ownerVariable } from './process-table.js';

/**
 * The leader of the process group: records the exit code of its program, which only a parent learns, after envctl has
 * exited. It survives the stop signal, which the whole group gets. The program and its arguments are "$@", so the shell
 * never interprets text of a profile.
 */
const supervisor = 'file=$1; shift; trap : TERM INT HUP QUIT; "$@"; code=$?; echo "$code" >"$file"; exit "$code"';

/** The only variables of this process that services get. */
const passedOn = ['PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'LC_ALL', 'LC_CTYPE', 'TMPDIR', 'TZ'] as const;

/** Variables of every program this engine starts. PATH also has this Node.js. */
export function baseVariables(context: EmbeddedContext): Record<string, string> {
  const base = Object.fromEntries(
    passedOn.flatMap((name) => (context.env[name] === undefined ? [] : [[name, context.env[name]]])),
  );
  const folders = [
    ...(base.PATH ?? '/usr/local/bin:/usr/bin:/bin').split(path.delimiter),
    path.dirname(context.nodePath),
  ];
  return { ...base, PATH: [...new Set(folders)].join(path.delimiter) };
}

export interface LaunchOptions extends LaunchCommand {
  readonly replica: Replica;
  readonly cwd: string;
}

/**
 * Starts a new run that outlives this process. The run is recorded before the process exists, so it is found even if
 * this process is killed in between.
 */
export async function launch(
  context: EmbeddedContext,
  { replica, argv, env, cwd, user }: LaunchOptions,
): Promise<void> {
  const folder = replicaFolder(context, replica);
  const run = recordRun(folder, user);
  const out = openSync(path.join(folder, 'out.log'), 'a', 0o600);
  const err = openSync(path.join(folder, 'err.log'), 'a', 0o600);
  const child = spawn('/bin/sh', ['-c', supervisor, 'envctl', exitFile(folder, run), ...argv], {
    detached: true,
    cwd,
    env: { ...baseVariables(context), ...env, [ownerVariable]: folder },
    stdio: ['ignore', out, err],
    ...user,
  });
  closeSync(out);
  closeSync(err);
  child.once('exit', () => context.exits.emit('exit', replica.instance));
  child.unref();
  await once(child, 'spawn');
  writeRecord(folder, 'run', {
    ...run,
    pid: child.pid ?? null,
    birth: child.pid === undefined ? null : birthOf(child.pid),
  });
}

function recordRun(folder: string, user: UnixUser | null): RunRecord {
  const logs = { out: logSize(folder, 'out'), err: logSize(folder, 'err') };
  const run: RunRecord = { nonce: randomBytes(6).toString('hex'), startedAt: Date.now(), pid: null, birth: null, logs };
  const results = path.join(folder, 'run');
  rmSync(results, { recursive: true, force: true });
  mkdirSync(results, { mode: 0o700 });
  if (user) chownSync(results, user.uid, user.gid);
  writeRecord(folder, 'run', run);
  return run;
}

function logSize(folder: string, name: 'out' | 'err'): number {
  return statSync(path.join(folder, `${name}.log`), { throwIfNoEntry: false })?.size ?? 0;
}
