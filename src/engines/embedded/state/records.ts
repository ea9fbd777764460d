/**
 * Each replica's records, by which later calls find it: `created.json` (its configuration), `run.json` (its latest run)
 * and `run/exit-<nonce>` (the exit code of that run, written by its supervisor). Files are replaced atomically and
 * readable by their owner only.
 */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ServiceRecord } from '../../../model/observed.js';
import type { EmbeddedContext, Replica } from '../context.js';
import { birthOf, listProcesses, type ProcessEntry } from '../processes/process-table.js';
import { entriesIn, instanceFolder, readText, replicaFolder } from './paths.js';

const version = 1;

/** A replica as it was created. */
export interface CreatedRecord extends Replica {
  readonly version: typeof version;
  readonly fingerprint: string;
  readonly createdAt: number;
  /** Working directory of its program, and of commands run in it. */
  readonly cwd: string;
  /** Variables of the workload, without those that every process gets. */
  readonly env: Readonly<Record<string, string>>;
  readonly ports: Readonly<Record<string, number>>;
  /** Asks the program to end. */
  readonly stopSignal: 'SIGTERM' | 'SIGINT';
  /** How long the program may take to end after that. */
  readonly stopTimeoutMs: number;
  readonly record: ServiceRecord;
}

/** The latest run of a replica; written before the process exists, and again with its pid. */
export interface RunRecord {
  readonly nonce: string;
  readonly startedAt: number;
  /** Leader of its process group; null: the caller was killed before it could record the pid. */
  readonly pid: number | null;
  /** See `birthOf`. */
  readonly birth: string | null;
  /** Size of both logs when the run started, in bytes. */
  readonly logs: { readonly out: number; readonly err: number };
}

export function writeRecord(folder: string, name: 'created' | 'run', value: CreatedRecord | RunRecord): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const temporary = path.join(folder, `.${name}-${process.pid}`);
  writeFileSync(temporary, JSON.stringify(value), { mode: 0o600 });
  renameSync(temporary, path.join(folder, `${name}.json`));
}

/** null: missing, truncated, or written by another version. */
export function readCreated(folder: string): CreatedRecord | null {
  const created = readJson(path.join(folder, 'created.json')) as CreatedRecord | null;
  return created?.version === version ? created : null;
}

/** null: never started, or unreadable. */
export const readRun = (folder: string): RunRecord | null =>
  readJson(path.join(folder, 'run.json')) as RunRecord | null;

function readJson(file: string): unknown {
  try {
    return JSON.parse(readText(file) ?? 'null');
  } catch {
    return null;
  }
}

/** Replicas of an instance that have a folder. */
export function replicasOf(context: EmbeddedContext, instance: string): readonly Replica[] {
  const services = path.join(instanceFolder(context, instance), 'services');
  return entriesIn(services).flatMap((service) =>
    replicaNumbers(path.join(services, service)).map((replica) => ({ instance, service, replica })),
  );
}

/** Names of a folder's entries that are replica numbers. */
export const replicaNumbers = (folder: string): readonly number[] =>
  entriesIn(folder)
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

/** Instances that have a folder. */
export const instancesOf = (context: EmbeddedContext): readonly string[] =>
  entriesIn(context.stateDir).filter((name) => /^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(name));

export const exitFile = (folder: string, run: RunRecord): string => path.join(folder, 'run', `exit-${run.nonce}`);

/** `code` null: it ended without writing its exit code (killed with its supervisor, or by a reboot). */
export type RunStatus =
  | { readonly state: 'created' }
  | { readonly state: 'running'; readonly group: number }
  | { readonly state: 'exited'; readonly code: number | null };

export function runStatusOf(folder: string): RunStatus {
  const run = readRun(folder);
  if (!run) return { state: 'created' };
  const group = runningGroup(folder, run);
  if (group !== null) return { state: 'running', group };
  const code = readText(exitFile(folder, run));
  if (code !== null && code.trim() !== '') return { state: 'exited', code: Number(code) };
  return run.pid === null ? { state: 'created' } : { state: 'exited', code: null };
}

/** The process group of a run, if any of its processes is alive; its leader may have ended before its children. */
function runningGroup(folder: string, run: RunRecord): number | null {
  if (run.pid === null) return unrecordedLeader(folder)?.pid ?? null;
  const birth = birthOf(run.pid);
  if (birth !== null) return birth === run.birth ? run.pid : null;
  return groupExists(run.pid) && listProcesses().some((one) => one.group === run.pid) ? run.pid : null;
}

const unrecordedLeader = (folder: string): ProcessEntry | undefined =>
  listProcesses().find((one) => one.owner === folder && one.pid === one.group);

/** Also true for processes that have ended and wait for their parent. */
function groupExists(group: number): boolean {
  try {
    process.kill(-group, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Forgets a replica; its store and its ports stay. */
export const removeRecords = (context: EmbeddedContext, replica: Replica): void =>
  rmSync(replicaFolder(context, replica), { recursive: true, force: true });
