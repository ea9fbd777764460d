/** Ending processes: by request, then by force. */
import { setTimeout as sleep } from 'node:timers/promises';
import { hiddenProcesses, quitBeforeKill } from '../servers/registry.js';
import { listProcesses, membersOf, type ProcessEntry, type ProcessOrigin } from './process-table.js';

const pollMs = 20;
/** A killed process in the middle of a write to a slow disk ends only after that write. */
const killMs = 10_000;
const quitMs = 1000;

export const livingProcesses = (origin: ProcessOrigin): readonly ProcessEntry[] =>
  membersOf(listProcesses(), origin, hiddenProcesses);

export interface EndRequest {
  readonly stopSignal: NodeJS.Signals;
  /** When the group was started, ms since the epoch. */
  readonly startedAt: number;
  /** How long its processes may take to end. */
  readonly graceMs: number;
  readonly signal: AbortSignal;
}

/** A signal that arrives while a shell forks its first program is lost, so a group younger than this gets it twice. */
const youngMs = 1000;
const repeatMs = 200;

/**
 * Asks a process group to end and waits until it has. Daemons that left the group, such as RabbitMQ's epmd, are not
 * asked.
 */
export async function requestEnd(group: number, { stopSignal, startedAt, graceMs, signal }: EndRequest): Promise<void> {
  const origin = { folders: [], groups: [group] };
  const isYoung = Date.now() - startedAt < youngMs;
  send(-group, stopSignal);
  if (isYoung && !(await haveEnded(origin, { timeoutMs: Math.min(repeatMs, graceMs), signal })))
    send(-group, stopSignal);
  await haveEnded(origin, { timeoutMs: graceMs, signal });
}

/** Waits until no process is left; false at the time limit. */
async function haveEnded(
  origin: ProcessOrigin,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<boolean> {
  for (const deadline = Date.now() + timeoutMs; ; await sleep(pollMs, undefined, { signal })) {
    if (livingProcesses(origin).length === 0) return true;
    if (Date.now() >= deadline) return false;
  }
}

/** Kills all processes of an origin. `leader` is killed last, so that it can record the exit code of its program. */
export async function kill(
  origin: ProcessOrigin,
  { leader, signal }: { readonly leader: number | null; readonly signal: AbortSignal },
): Promise<void> {
  const living = livingProcesses(origin);
  const toQuit = living.filter(({ command }) => quitBeforeKill.some((pattern) => pattern.test(command)));
  for (const { pid } of toQuit) send(pid, 'SIGQUIT');
  if (toQuit.length > 0) await haveEnded(origin, { timeoutMs: quitMs, signal });
  for (const deadline = Date.now() + killMs; Date.now() < deadline; await sleep(pollMs, undefined, { signal })) {
    const members = livingProcesses(origin);
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
