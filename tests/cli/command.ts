/** Runs the built program in a process, as users do. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));
export const program = join(root, 'bin/envctl.js');

export interface CommandResult {
  /** 128 + n after signal n; -1 after the time limit of the test. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
}

/** A command that may still be running. */
export interface RunningCommand {
  readonly pid: number;
  readonly ended: Promise<CommandResult>;
  /** Resolves when either stream matches, and rejects if the command ends without a match. */
  untilPrinted(pattern: RegExp): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** The output on both streams so far. */
  output(): string;
}

export interface CommandOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs?: number;
  readonly input?: string;
}

export const envctl = (argv: readonly string[], options: CommandOptions): Promise<CommandResult> =>
  startCommand([process.execPath, program, ...argv], options).ended;

/** Starts any command and kills it at the time limit (120 s by default). */
export function startCommand(
  argv: readonly string[],
  { cwd, env, timeoutMs = 120_000, input = '' }: CommandOptions,
): RunningCommand {
  const [file = '', ...words] = argv;
  const child = spawn(file, words, { cwd, env: env as NodeJS.ProcessEnv, stdio: 'pipe' });
  const text = listen(child);
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const ended = ending(child, text, timeoutMs);
  return {
    pid: child.pid ?? -1,
    ended,
    untilPrinted: (pattern) => waitForOutput(pattern, { child, text, ended }),
    signal: (name) => void child.kill(name),
    output: () => text.stdout + text.stderr,
  };
}

interface Output {
  stdout: string;
  stderr: string;
}

function listen(child: ChildProcessWithoutNullStreams): Output {
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (piece: string) => (text[name] += piece));
  return text;
}

const numbers: Readonly<Record<string, number>> = { SIGHUP: 129, SIGINT: 130, SIGKILL: 137, SIGTERM: 143 };

function ending(child: ChildProcessWithoutNullStreams, text: Output, timeoutMs: number): Promise<CommandResult> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    let late = false;
    const limit = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, timeoutMs);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(limit);
      const stderr = late ? `${text.stderr}\n(ended by the test after ${timeoutMs} ms)` : text.stderr;
      resolve({
        code: late ? -1 : (code ?? numbers[signal ?? ''] ?? 128),
        stdout: text.stdout,
        stderr,
        ms: performance.now() - started,
      });
    });
  });
}

function waitForOutput(
  pattern: RegExp,
  { child, text, ended }: { child: ChildProcessWithoutNullStreams; text: Output; ended: Promise<CommandResult> },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      if (pattern.test(text.stdout + text.stderr)) resolve();
    };
    for (const stream of [child.stdout, child.stderr]) stream.on('data', look);
    look();
    void ended.then(
      ({ code, stdout, stderr }) =>
        reject(new Error(`exited with ${code} before it printed ${pattern}:\n${stdout}${stderr}`)),
      reject,
    );
  });
}

/** The variables of this process without those that would change how envctl behaves. */
export function cleanEnv(more: Readonly<Record<string, string | undefined>> = {}): Record<string, string | undefined> {
  const changesBehavior = (name: string): boolean =>
    (/^(ENVCTL_|COMPOSE_|VITEST|CI$|CI_|GITHUB_|GITLAB_)/.test(name) && name !== 'ENVCTL_IMAGES') ||
    ['FORCE_COLOR', 'NO_COLOR', 'NODE_OPTIONS', 'NODE_ENV', 'TERM'].includes(name);
  const kept = Object.entries(process.env).filter(([name]) => !changesBehavior(name));
  return { ...Object.fromEntries(kept), ...more };
}
