/** The command of `run`: this terminal is its terminal, and signals reach it once. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { EnvctlError } from '../model/errors.js';

export interface ChildOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Told why where the command cannot be started. */
  readonly report: (error: EnvctlError) => Promise<void>;
}

/** Gives the exit code; as shells do, 128 + n after signal n, 127 where the command is not found and 126 where it cannot be started. */
export function runChild(argv: readonly string[], { env, signal, report }: ChildOptions): Promise<number> {
  const [file = '', ...args] = argv;
  return new Promise((resolve) => {
    const child = spawn(file, args, { stdio: 'inherit', env: env as NodeJS.ProcessEnv });
    // A terminal sends its interrupt to the whole group, so the child has it already; any other sender meant us alone.
    const forward = (name: NodeJS.Signals) => (): void => {
      if (!process.stdin.isTTY || name !== 'SIGINT') child.kill(name);
    };
    const listeners = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((name) => [name, forward(name)] as const);
    for (const [name, listener] of listeners) process.on(name, listener);
    const end = (): void => {
      for (const [name, listener] of listeners) process.off(name, listener);
    };
    if (signal.aborted) child.kill('SIGTERM');
    child.once('error', (error: NodeJS.ErrnoException) => {
      end();
      void report(notStarted(file, error)).then(() => resolve(error.code === 'ENOENT' ? 127 : 126));
    });
    child.once('exit', (code, name) => {
      end();
      resolve(code ?? 128 + (name ? constants.signals[name] : 0));
    });
  });
}

function notStarted(file: string, error: NodeJS.ErrnoException): EnvctlError {
  const why = error.code === 'ENOENT' ? 'was not found' : `could not be started (${error.code ?? error.message})`;
  return new EnvctlError('USAGE', `the command "${file}" ${why}`, {
    hint: 'Check its name and PATH; a shell line is written as: sh -c "…".',
  });
}
