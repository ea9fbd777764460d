/** The processes of this machine, and those among them that belong to a replica or an instance. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { entriesIn, linkTarget, readText } from '../state/paths.js';

/** The variable that marks every process this engine starts; its value is the folder of the replica or instance. */
export const ownerVariable = 'ENVCTL_PROCESS';

export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** Value of `ownerVariable`; null: not set or not readable. */
  readonly owner: string | null;
  /** The command line, arguments separated by spaces. */
  readonly command: string;
}

/** All living processes, without those that have ended and wait for their parent. */
export const listProcesses = (): readonly ProcessEntry[] =>
  process.platform === 'linux' ? linuxProcesses() : psProcesses();

function linuxProcesses(): readonly ProcessEntry[] {
  return entriesIn('/proc').flatMap((name) => (/^\d+$/.test(name) ? (linuxProcess(Number(name)) ?? []) : []));
}

function linuxProcess(pid: number): ProcessEntry | null {
  const stat = linuxStat(pid);
  if (!stat) return null;
  const [, parent, group, session] = stat;
  return {
    pid,
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    owner: ownerOf(pid),
    command: (readText(`/proc/${pid}/cmdline`) ?? '').replaceAll('\0', ' '),
  };
}

/** Fields of `/proc/<pid>/stat` from the state on; the program name before it may contain spaces and brackets. */
function linuxStat(pid: number): readonly string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? null : fields;
  } catch {
    return null;
  }
}

function ownerOf(pid: number): string | null {
  const variables = readText(`/proc/${pid}/environ`);
  return (
    variables
      ?.split('\0')
      .find((entry) => entry.startsWith(`${ownerVariable}=`))
      ?.slice(ownerVariable.length + 1) ?? null
  );
}

/** `ps -E` appends the variables to the command line, separated by spaces. */
function psProcesses(): readonly ProcessEntry[] {
  const text = execFileSync('ps', ['-A', '-ww', '-E', '-o', 'pid=,ppid=,pgid=,stat=,command='], {
    encoding: 'utf8',
    maxBuffer: 64 * 2 ** 20,
  });
  return text.split('\n').flatMap((line) => psProcess(line) ?? []);
}

/** One line of `ps`; null: a process that has ended. The owner may contain spaces: it ends before the next variable. */
export function psProcess(line: string): ProcessEntry | null {
  const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line);
  if (!match || match[4]?.startsWith('Z')) return null;
  const [pid, parent, group] = match.slice(1, 4).map(Number) as [number, number, number];
  const owner = new RegExp(` ${ownerVariable}=(.*?)(?= [A-Za-z_][A-Za-z0-9_]*=|$)`).exec(match[5] ?? '');
  return { pid, parent, group, session: group, owner: owner?.[1] ?? null, command: match[5] ?? '' };
}

/**
 * Distinguishes a process from a later one with the same pid; null: there is no such process.
 * On Linux the boot id and the start time in ticks since boot (proc(5), field 22), elsewhere the start time of `ps`.
 */
export function birthOf(pid: number): string | null {
  if (process.platform !== 'linux') return psBirth(pid);
  const ticks = linuxStat(pid)?.[19];
  return ticks ? `${readText('/proc/sys/kernel/random/boot_id')?.trim()} ${ticks}` : null;
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

export interface ProcessOrigin {
  /** Processes whose owner is one of these folders, or a folder below, belong to it. */
  readonly folders: readonly string[];
  /** Process groups known to belong to it, alive or not. */
  readonly groups: readonly number[];
}

/**
 * Living processes of an origin: in one of its groups or their sessions, marked with one of its folders, matching
 * `hidden` with a working directory in one of its folders, or a descendant of any of these. The calling process is
 * excluded.
 */
export function membersOf(
  all: readonly ProcessEntry[],
  { folders, groups }: ProcessOrigin,
  hidden: readonly RegExp[],
): readonly ProcessEntry[] {
  const isInside = (path: string | null): boolean =>
    folders.some((folder) => path === folder || (path?.startsWith(`${folder}/`) ?? false));
  const isHidden = ({ command }: ProcessEntry): boolean => hidden.some((pattern) => pattern.test(command));
  const members = new Set(
    all
      .filter(
        (one) =>
          groups.includes(one.group) ||
          groups.includes(one.session) ||
          isInside(one.owner) ||
          (isHidden(one) && isInside(linkTarget(`/proc/${one.pid}/cwd`))),
      )
      .map(({ pid }) => pid),
  );
  for (let before = -1; before < members.size; ) {
    before = members.size;
    for (const one of all) if (members.has(one.parent)) members.add(one.pid);
  }
  members.delete(process.pid);
  return all.filter(({ pid }) => members.has(pid));
}
