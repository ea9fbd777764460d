import { constants } from 'node:os';
import type { Options, ResultPromise } from 'execa';
import { enforceLimits } from './enforce-limits.js';

export interface ProcessOptions {
  /** All of the program's variables; nothing else of this process's environment is passed on. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** The root directory by default, so that nothing depends on where envctl was called. */
  readonly cwd?: string;
  /** Written to the program's stdin; by default it reads an empty one. */
  readonly stdin?: string | Uint8Array | undefined;
  readonly timeoutMs?: number | undefined;
  /** More than this on stdout or stderr ends the program; 100 MB by default. */
  readonly maxOutputBytes?: number;
  /** Address space of the program, in KiB; has no effect on Windows. */
  readonly memoryKiB?: number;
  /** User and group of the program; null: those of this process. */
  readonly runAs?: { readonly uid: number; readonly gid: number } | null;
  /** Connects this process's stdin, stdout and stderr (usually a terminal) instead of collecting output. */
  readonly interactive?: boolean;
  /** Called when the program runs: the moment for work that can overlap with it. Not called if it cannot be started. */
  readonly onStart?: (program: RunningProcess) => void;
  /** Called with each line of stdout and stderr, as soon as it ends. */
  readonly onLine?: (line: string) => void;
}

export interface RunningProcess {
  /** Sends a signal to the program alone, not to its group. */
  kill(signal: NodeJS.Signals): void;
}

export interface ProcessResult {
  /** As a shell reports it: 124 timed out, 126 not executable, 127 not found, 128 + n ended by signal n. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Distinguishes the codes above from a program that exits with the same number itself. */
  readonly end: 'exited' | 'timed out' | 'not found' | 'not executable' | 'too much output';
}

const maxOutputBytes = 100_000_000;

/**
 * Runs a program without a shell and waits for it. Unless interactive, it gets its own process group, which a
 * terminal's Ctrl-C does not reach; at the time limit and on abort the whole group gets SIGTERM, and SIGKILL 2 s later.
 * Any exit code is a result; throws the signal's reason on abort.
 */
export async function runProcess(argv: readonly string[], options: ProcessOptions): Promise<ProcessResult> {
  const { execa } = await import('execa');
  options.signal.throwIfAborted();
  const [file = '', ...args] = limitMemory(argv, options.memoryKiB);
  const child = execa(file, args, execaOptions(options));
  const limits = enforceLimits(child, { interactive: false, ...options });
  const lines = options.onLine
    ? [readLines(child, 'stdout', options.onLine), readLines(child, 'stderr', options.onLine)]
    : [];
  if (child.pid !== undefined) options.onStart?.({ kill: (signal) => void child.kill(signal) });
  try {
    const [result] = await Promise.all([child, ...lines]);
    options.signal.throwIfAborted();
    return limits.timedOut() ? { ...outputOf(result), exitCode: 124, end: 'timed out' } : resultOf(result);
  } finally {
    limits.stop();
  }
}

/** Starts loading execa (20 ms), so that the first `runProcess` need not wait for it. */
export function preloadRunner(): void {
  void import('execa');
}

/** Arguments follow the script as its parameters: the shell never interprets them. */
function limitMemory(argv: readonly string[], memoryKiB: number | undefined): readonly string[] {
  if (memoryKiB === undefined || process.platform === 'win32') return argv;
  return ['/bin/sh', '-c', `ulimit -v ${memoryKiB} && exec "$@"`, 'sh', ...argv];
}

function execaOptions(options: ProcessOptions) {
  const { interactive = false, stdin } = options;
  const streams = interactive
    ? { stdio: 'inherit' as const }
    : stdin === undefined
      ? { stdin: 'ignore' as const }
      : { input: stdin };
  return {
    ...streams,
    ...options.runAs,
    cwd: options.cwd ?? '/',
    env: { ...options.env },
    extendEnv: false,
    /** Also ends the program when this process exits, which is for the caller to decide. */
    cleanup: false,
    detached: !interactive && process.platform !== 'win32',
    maxBuffer: options.maxOutputBytes ?? maxOutputBytes,
    reject: false,
    stripFinalNewline: false,
  } satisfies Options;
}

type Child = ResultPromise<ReturnType<typeof execaOptions>>;
type ChildResult = Awaited<Child>;

/** Does not throw when the streams are closed early: the result reports how the program ended. */
async function readLines(child: Child, from: 'stdout' | 'stderr', onLine: (line: string) => void): Promise<void> {
  try {
    for await (const line of child.iterable({ from })) onLine(String(line));
  } catch {}
}

function resultOf(result: ChildResult): ProcessResult {
  const output = outputOf(result);
  const { code, signal } = result;
  if (result.isMaxBuffer) return { ...output, exitCode: 1, end: 'too much output' };
  if (result.exitCode !== undefined) return { ...output, exitCode: result.exitCode, end: 'exited' };
  if (signal !== undefined) return { ...output, exitCode: 128 + constants.signals[signal], end: 'exited' };
  const stderr = result.originalMessage ?? '';
  return code === 'ENOENT'
    ? { stdout: '', stderr, exitCode: 127, end: 'not found' }
    : { stdout: '', stderr, exitCode: 126, end: 'not executable' };
}

const outputOf = ({ stdout, stderr }: ChildResult): Pick<ProcessResult, 'stdout' | 'stderr'> => ({
  stdout: String(stdout ?? ''),
  stderr: String(stderr ?? ''),
});
