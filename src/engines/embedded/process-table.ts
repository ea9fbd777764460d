/** Which processes live on this machine, and which of them are ours. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { linkOf, namesIn, textOf } from './context.js';

/** The environment variable every process of ours carries: the folder of its replica. */
export const mark = 'ENVCTL_PROCESS';

export interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** Value of the mark; null: none, or not readable. */
  readonly place: string | null;
  /** The command line, words separated by spaces. */
  readonly command: string;
}

/** All living processes; those that ended and wait for their parent are left out. */
export const listProcesses = (): readonly Process[] =>
  process.platform === 'linux' ? linuxProcesses() : psProcesses();

function linuxProcesses(): readonly Process[] {
  return namesIn('/proc').flatMap((name) => (/^\d+$/.test(name) ? (linuxProcess(Number(name)) ?? []) : []));
}

function linuxProcess(pid: number): Process | null {
  const stat = linuxStat(pid);
  if (!stat) return null;
  const [, parent, group, session] = stat;
  return {
    pid,
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    place: placeOf(pid),
    command: (textOf(`/proc/${pid}/cmdline`) ?? '').replaceAll('\0', ' '),
  };
}

/** Fields of proc(5)'s `stat` from the state on; the program's name before it may hold spaces and brackets. */
function linuxStat(pid: number): readonly string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? null : fields;
  } catch {
    return null;
  }
}

function placeOf(pid: number): string | null {
  const environment = textOf(`/proc/${pid}/environ`);
  return (
    environment
      ?.split('\0')
      .find((entry) => entry.startsWith(`${mark}=`))
      ?.slice(mark.length + 1) ?? null
  );
}

/** `ps -E` appends the environment to the command, words separated by spaces. */
function psProcesses(): readonly Process[] {
  const text = execFileSync('ps', ['-A', '-ww', '-E', '-o', 'pid=,ppid=,pgid=,stat=,command='], {
    encoding: 'utf8',
    maxBuffer: 64 * 2 ** 20,
  });
  return text.split('\n').flatMap((line) => psProcess(line) ?? []);
}

/** One line of `ps`; null: a process that ended. The folder may hold spaces: it ends where the next variable begins. */
export function psProcess(line: string): Process | null {
  const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line);
  if (!match || match[4]?.startsWith('Z')) return null;
  const [pid, parent, group] = match.slice(1, 4).map(Number) as [number, number, number];
  const place = new RegExp(` ${mark}=(.*?)(?= [A-Za-z_][A-Za-z0-9_]*=|$)`).exec(match[5] ?? '');
  return { pid, parent, group, session: group, place: place?.[1] ?? null, command: match[5] ?? '' };
}

/**
 * What tells a process from a later one with the same number; null: there is no such process.
 * On Linux the start in ticks since boot and which boot it was (proc(5), field 22), elsewhere what `ps` says.
 */
export function birthOf(pid: number): string | null {
  if (process.platform !== 'linux') return psBirth(pid);
  const ticks = linuxStat(pid)?.[19];
  return ticks ? `${textOf('/proc/sys/kernel/random/boot_id')?.trim()} ${ticks}` : null;
}

function psBirth(pid: number): string | null {
  try {
    const [state = 'Z', ...birth] = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' })
      .trim()
      .split(/\s+/);
    return state.startsWith('Z') ? null : birth.join(' ');
  } catch {
    return null;
  }
}

export interface Origin {
  /** Processes that are marked with one of these folders, or with one below, are ours. */
  readonly folders: readonly string[];
  /** Leaders of process groups known to be ours, alive or not. */
  readonly groups: readonly number[];
}

/**
 * Every living process that comes from there: in one of the groups or their sessions, marked, at work in the folder, or born of such a one.
 * PostgreSQL's backends have sessions of their own and no readable environment, so birth matters, and their title where the parent is gone.
 */
export function membersOf(all: readonly Process[], { folders, groups }: Origin): readonly Process[] {
  const inside = (place: string | null): boolean =>
    folders.some((folder) => place === folder || (place?.startsWith(`${folder}/`) ?? false));
  const own = new Set(
    all
      .filter((one) => groups.includes(one.group) || groups.includes(one.session) || inside(one.place))
      .map(({ pid }) => pid),
  );
  for (const one of all)
    if (one.command.startsWith('postgres: ') && inside(linkOf(`/proc/${one.pid}/cwd`))) own.add(one.pid);
  for (let before = -1; before < own.size; ) {
    before = own.size;
    for (const one of all) if (own.has(one.parent)) own.add(one.pid);
  }
  own.delete(process.pid);
  return all.filter(({ pid }) => own.has(pid));
}
