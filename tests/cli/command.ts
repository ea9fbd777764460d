/** Runs envctl as a person does: the built program, in a process of its own. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));
export const program = join(root, 'bin/envctl.js');

export interface Ended {
  /** 128 + n after signal n; -1 where our time limit ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
}

/** A command that may still be running. */
export interface Going {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  /** Resolves when either stream has said it; throws when the command ends without. */
  said(pattern: RegExp): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** Everything on both streams so far. */
  output(): string;
}

export interface CommandOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs?: number;
  readonly input?: string;
}

export const envctl = (argv: readonly string[], options: CommandOptions): Promise<Ended> =>
  begin([process.execPath, program, ...argv], options).ended;

/** Starts any command; at the time limit (120 s unless said) it is killed. */
export function begin(argv: readonly string[], { cwd, env, timeoutMs = 120_000, input = '' }: CommandOptions): Going {
  const [file = '', ...words] = argv;
  const child = spawn(file, words, { cwd, env: env as NodeJS.ProcessEnv, stdio: 'pipe' });
  const text = listen(child);
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const ended = ending(child, text, timeoutMs);
  return {
    pid: child.pid ?? -1,
    ended,
    said: (pattern) => saying(pattern, { child, text, ended }),
    signal: (name) => void child.kill(name),
    output: () => text.stdout + text.stderr,
  };
}

interface Heard {
  stdout: string;
  stderr: string;
}

function listen(child: ChildProcessWithoutNullStreams): Heard {
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (piece: string) => (text[name] += piece));
  return text;
}

const numbers: Readonly<Record<string, number>> = { SIGHUP: 129, SIGINT: 130, SIGKILL: 137, SIGTERM: 143 };

function ending(child: ChildProcessWithoutNullStreams, text: Heard, timeoutMs: number): Promise<Ended> {
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
      const told = late ? `${text.stderr}\n(ended by the test after ${timeoutMs} ms)` : text.stderr;
      resolve({
        code: late ? -1 : (code ?? numbers[signal ?? ''] ?? 128),
        stdout: text.stdout,
        stderr: told,
        ms: performance.now() - started,
      });
    });
  });
}

function saying(
  pattern: RegExp,
  { child, text, ended }: { child: ChildProcessWithoutNullStreams; text: Heard; ended: Promise<Ended> },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      if (pattern.test(text.stdout + text.stderr)) resolve();
    };
    for (const stream of [child.stdout, child.stderr]) stream.on('data', look);
    look();
    void ended.then(
      ({ code, stdout, stderr }) =>
        reject(new Error(`it ended (${code}) without saying ${pattern}:\n${stdout}${stderr}`)),
      reject,
    );
  });
}

/** The test's own environment without what would make envctl behave otherwise than on a person's machine. */
export function plainEnvironment(
  more: Readonly<Record<string, string | undefined>> = {},
): Record<string, string | undefined> {
  const meddles = (name: string): boolean =>
    (/^(ENVCTL_|COMPOSE_|VITEST|CI$|CI_|GITHUB_|GITLAB_)/.test(name) && name !== 'ENVCTL_IMAGES') ||
    ['FORCE_COLOR', 'NO_COLOR', 'NODE_OPTIONS', 'NODE_ENV', 'TERM'].includes(name);
  const kept = Object.entries(process.env).filter(([name]) => !meddles(name));
  return { ...Object.fromEntries(kept), ...more };
}
