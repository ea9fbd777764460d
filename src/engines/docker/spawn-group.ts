import { type ChildProcess, spawn } from 'node:child_process';
import { StringDecoder } from 'node:string_decoder';
import type { ProcessEnvironment } from './api/endpoint.js';

export interface CommandOptions {
  readonly env: ProcessEnvironment;
  readonly signal: AbortSignal;
  readonly cwd?: string;
  readonly input?: string;
  /** Total time; null: none. */
  readonly timeoutMs: number | null;
  /** Address space it may take, in KiB; not limited on Windows. */
  readonly memoryKiB?: number;
  /** Called once it runs: a good moment for work of our own that would otherwise be waited for. */
  readonly onStart?: () => void;
  /** Each line of both streams as it comes. */
  readonly onLine?: (line: string) => void;
}

export interface CommandResult {
  /** null: not started, or ended by a signal. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly end: 'exited' | 'not found' | 'timed out';
}

const graceMs = 2000;

/**
 * Runs a program in a process group of its own, so that a terminal's Ctrl-C does not reach it and that its plugins and helpers end with it:
 * at the time limit and on abort the whole group gets SIGTERM, and SIGKILL after 2 s. Throws the signal's reason on abort.
 * Plain `spawn`: importing execa took 95 ms (median of 6), all of it before the first build or create can begin.
 */
export async function runCommand(argv: readonly string[], options: CommandOptions): Promise<CommandResult> {
  options.signal.throwIfAborted();
  const [file = '', ...parameters] = limited(argv, options.memoryKiB);
  const child = spawn(file, parameters, {
    env: { ...options.env },
    cwd: options.cwd ?? '/',
    detached: process.platform !== 'win32',
    stdio: 'pipe',
    windowsHide: true,
  });
  const output = collect(child, options.onLine ?? (() => {}));
  const limits = watchLimits(child, options);
  child.stdin.on('error', () => {}); // EPIPE: it ended without reading all, which its exit code tells better
  child.stdin.end(options.input ?? '');
  options.onStart?.();
  try {
    const ended = await closed(child);
    options.signal.throwIfAborted();
    return { exitCode: ended.exitCode, ...output(), end: limits.timedOut() ? 'timed out' : ended.end };
  } finally {
    limits.stop();
  }
}

/** The words come after the script, as its parameters: none of them is ever read by the shell. */
function limited(argv: readonly string[], memoryKiB: number | undefined): readonly string[] {
  if (memoryKiB === undefined || process.platform === 'win32') return argv;
  return ['/bin/sh', '-c', `ulimit -v ${memoryKiB} && exec "$@"`, 'sh', ...argv];
}

type Ended = { readonly exitCode: number | null; readonly end: 'exited' | 'not found' };

function closed(child: ChildProcess): Promise<Ended> {
  return new Promise((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'EACCES') resolve({ exitCode: null, end: 'not found' });
      else reject(error);
    });
    child.once('close', (exitCode) => resolve({ exitCode, end: 'exited' }));
  });
}

function collect(
  child: ChildProcess,
  onLine: (line: string) => void,
): () => { readonly stdout: string; readonly stderr: string } {
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    const decoder = new StringDecoder('utf8');
    let rest = '';
    child[name]?.on('data', (chunk: Buffer) => {
      const piece = decoder.write(chunk);
      text[name] += piece;
      const lines = (rest + piece).split(/\r?\n/);
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    });
  }
  return () => ({ ...text });
}

/** Ends the process group at the time limit and on abort. */
function watchLimits(child: ChildProcess, options: CommandOptions): { timedOut(): boolean; stop(): void } {
  let timedOut = false;
  let kill: NodeJS.Timeout | undefined;
  const end = (): void => {
    signalGroup(child, 'SIGTERM');
    kill ??= setTimeout(() => endSurely(child), graceMs);
  };
  const limit =
    options.timeoutMs === null
      ? undefined
      : setTimeout(() => {
          timedOut = true;
          end();
        }, options.timeoutMs);
  options.signal.addEventListener('abort', end, { once: true });
  const stop = (): void => {
    clearTimeout(limit);
    clearTimeout(kill);
    options.signal.removeEventListener('abort', end);
  };
  return { timedOut: () => timedOut, stop };
}

/** Pipes are closed as well: a helper that left the group must not keep the caller waiting. */
function endSurely(child: ChildProcess): void {
  signalGroup(child, 'SIGKILL');
  child.stdout?.destroy();
  child.stderr?.destroy();
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // The group is gone already.
  }
}
