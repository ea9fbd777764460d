/**
 * What is written down of each replica, so that any later call finds it: `created.json` (what it is), `run.json` (its latest run)
 * and `run/exit-<nonce>` (how that ended, written by the run itself). Files are replaced whole, readable by their owner alone.
 */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ServiceRecord } from '../../model/observed.js';
import { type EmbeddedContext, instanceFolder, namesIn, type Replica, replicaFolder, textOf } from './context.js';
import { birthOf, listProcesses, type Process } from './process-table.js';

const version = 1;

/** A replica as it was created. */
export interface Created extends Replica {
  readonly version: typeof version;
  readonly fingerprint: string;
  readonly createdAt: number;
  /** Working directory of its program, and of what is run in it. */
  readonly cwd: string;
  /** The workload's own environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly ports: Readonly<Record<string, number>>;
  /** The signal that asks it to end. */
  readonly stopSignal: 'SIGTERM' | 'SIGINT';
  readonly record: ServiceRecord;
}

/** The latest run of a replica. Written before the process exists, then again with its number. */
export interface Run {
  readonly nonce: string;
  readonly startedAt: number;
  /** Leader of its process group; null: the caller ended before it could be written down. */
  readonly pid: number | null;
  /** See `birthOf`. */
  readonly birth: string | null;
  /** Where the logs of this run begin, in bytes. */
  readonly logs: { readonly out: number; readonly err: number };
}

export function writeRecord(folder: string, name: 'created' | 'run', value: Created | Run): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const temporary = path.join(folder, `.${name}-${process.pid}`);
  writeFileSync(temporary, JSON.stringify(value), { mode: 0o600 });
  renameSync(temporary, path.join(folder, `${name}.json`));
}

/** null: missing, cut short, or written by another version. */
export function readCreated(folder: string): Created | null {
  const created = readJson(path.join(folder, 'created.json')) as Created | null;
  return created?.version === version ? created : null;
}

/** null: never started, or unreadable. */
export const readRun = (folder: string): Run | null => readJson(path.join(folder, 'run.json')) as Run | null;

function readJson(file: string): unknown {
  try {
    return JSON.parse(textOf(file) ?? 'null');
  } catch {
    return null;
  }
}

/** Replicas an instance has folders of, in no particular order of services. */
export function replicasOf(world: EmbeddedContext, instance: string): readonly Replica[] {
  const services = path.join(instanceFolder(world, instance), 'services');
  return namesIn(services).flatMap((service) =>
    numbersIn(path.join(services, service)).map((replica) => ({ instance, service, replica })),
  );
}

/** The replicas there are folders of, by their numbers. */
export const numbersIn = (folder: string): readonly number[] =>
  namesIn(folder)
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

/** Instances there are folders of. */
export const instancesOf = (world: EmbeddedContext): readonly string[] =>
  namesIn(world.stateDir).filter((name) => /^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(name));

export const exitFile = (folder: string, run: Run): string => path.join(folder, 'run', `exit-${run.nonce}`);

/** How a run stands. `code` null: it ended without a word (killed with its supervisor, or the machine went down). */
export type RunStatus =
  | { readonly state: 'created' }
  | { readonly state: 'running'; readonly group: number }
  | { readonly state: 'exited'; readonly code: number | null };

export function runStatusOf(folder: string): RunStatus {
  const run = readRun(folder);
  if (!run) return { state: 'created' };
  const group = runningGroup(folder, run);
  if (group !== null) return { state: 'running', group };
  const code = textOf(exitFile(folder, run));
  if (code !== null && code.trim() !== '') return { state: 'exited', code: Number(code) };
  return run.pid === null ? { state: 'created' } : { state: 'exited', code: null };
}

/** The group of a run that lives; its leader may be gone before its children. */
function runningGroup(folder: string, run: Run): number | null {
  if (run.pid === null) return marked(folder)?.pid ?? null;
  const birth = birthOf(run.pid);
  if (birth !== null) return birth === run.birth ? run.pid : null;
  return groupExists(run.pid) && listProcesses().some((one) => one.group === run.pid) ? run.pid : null;
}

const marked = (folder: string): Process | undefined =>
  listProcesses().find((one) => one.place === folder && one.pid === one.group);

/** Also true of processes that ended and were not collected yet. */
function groupExists(group: number): boolean {
  try {
    process.kill(-group, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Forgets a replica; its store and its ports stay. */
export const removeRecords = (world: EmbeddedContext, replica: Replica): void =>
  rmSync(replicaFolder(world, replica), { recursive: true, force: true });
