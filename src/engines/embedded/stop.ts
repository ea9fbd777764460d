/** Ending what runs: gracefully, then surely. */
import { realpathSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type EmbeddedContext, type Replica, replicaFolder, storeFolder } from './context.js';
import { listProcesses, membersOf, type Origin } from './process-table.js';
import { readCreated, readRun, removeRecords, replicasOf, runStatusOf } from './records.js';

const pollMs = 20;
/** How long a kill may take to be done: a process in the middle of a write to a slow disk ends only after it. */
const killMs = 10_000;
export const defaultGraceMs = 10_000;

/** Ends all replicas of the services; their records and stores stay. */
export async function stop(
  world: EmbeddedContext,
  instance: string,
  options: StopOptions & { readonly services: readonly string[] },
): Promise<void> {
  const replicas = replicasOf(world, instance).filter(({ service }) => options.services.includes(service));
  await Promise.all(replicas.map((replica) => stopReplica(world, replica, options)));
}

export interface StopOptions {
  /** How long a program may take to end by itself; 0: none. */
  readonly graceMs: number;
  readonly signal: AbortSignal;
}

export async function stopReplica(
  world: EmbeddedContext,
  replica: Replica,
  { graceMs, signal }: StopOptions,
): Promise<void> {
  const folder = replicaFolder(world, replica);
  const standing = runStatusOf(folder);
  const origin = originOf(world, replica);
  if (standing.state === 'running' && graceMs > 0) await ask(standing.group, { folder, graceMs, signal });
  await kill(origin, { leader: standing.state === 'running' ? standing.group : null, signal });
}

const newMs = 1000;
const againMs = 200;

/**
 * Asks a group to end and waits for it. A signal that meets a shell between fork and exec is lost, so a young one is asked twice.
 * Daemons that left the group, as RabbitMQ's epmd, were not asked, and are not waited for.
 */
async function ask(
  group: number,
  { folder, graceMs, signal }: StopOptions & { readonly folder: string },
): Promise<void> {
  const name = readCreated(folder)?.stopSignal ?? 'SIGTERM';
  const origin = { folders: [], groups: [group] };
  const isNew = Date.now() - (readRun(folder)?.startedAt ?? 0) < newMs;
  send(-group, name);
  if (isNew && !(await gone(origin, { timeoutMs: Math.min(againMs, graceMs), signal }))) send(-group, name);
  await gone(origin, { timeoutMs: graceMs, signal });
}

/** Where the processes of a replica come from. The group of a run that is over is not asked for: others may have its number. */
function originOf(world: EmbeddedContext, replica: Replica): Origin {
  const folder = replicaFolder(world, replica);
  const standing = runStatusOf(folder);
  return {
    folders: [folder, ...realFolder(storeFolder(world, replica))],
    groups: standing.state === 'running' ? [standing.group] : [],
  };
}

function realFolder(folder: string): readonly string[] {
  try {
    return [realpathSync(folder)];
  } catch {
    return [];
  }
}

/** Waits until none is left, for so long at most; true: none is. */
async function gone(
  origin: Origin,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<boolean> {
  for (const deadline = Date.now() + timeoutMs; ; await sleep(pollMs, undefined, { signal })) {
    if (membersOf(listProcesses(), origin).length === 0) return true;
    if (Date.now() >= deadline) return false;
  }
}

/**
 * Ends what is left at once. PostgreSQL is asked by SIGQUIT first, else it leaves its shared memory behind;
 * the leader goes last, so that it can write down how its program ended.
 */
export async function kill(
  origin: Origin,
  { leader, signal }: { readonly leader: number | null; readonly signal: AbortSignal },
): Promise<void> {
  const left = membersOf(listProcesses(), origin);
  if (left.length === 0) return;
  const servers = left.filter(({ command }) => /(^|\/)postgres -D /.test(command));
  for (const { pid } of servers) send(pid, 'SIGQUIT');
  if (servers.length > 0) await gone(origin, { timeoutMs: 1000, signal });
  for (const deadline = Date.now() + killMs; Date.now() < deadline; await sleep(pollMs, undefined, { signal })) {
    const members = membersOf(listProcesses(), origin);
    if (members.length === 0) return;
    const followers = members.filter(({ pid }) => pid !== leader);
    for (const { pid } of followers.length > 0 ? followers : members) send(pid, 'SIGKILL');
  }
}

function send(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Ends and forgets the replicas numbered above `keepReplicas`; their stores and ports stay. */
export async function removeServices(
  world: EmbeddedContext,
  instance: string,
  options: {
    readonly services: readonly { readonly service: string; readonly keepReplicas: number }[];
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const doomed = replicasOf(world, instance).filter((replica) =>
    options.services.some(({ service, keepReplicas }) => service === replica.service && replica.replica > keepReplicas),
  );
  await Promise.all(
    doomed.map(async (replica) => {
      await stopReplica(world, replica, { graceMs: defaultGraceMs, signal: options.signal });
      removeRecords(world, replica);
    }),
  );
}
