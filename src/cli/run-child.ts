/** Runs the command of `envctl run` on this terminal; each signal reaches it once. */
import { EnvctlError } from '../model/errors.js';
import { type RunningProcess, runProcess } from '../processes/run-process.js';

export interface ChildOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly signal: AbortSignal;
  /** Called if the command cannot be started. */
  readonly report: (error: EnvctlError) => Promise<void>;
}

/** Returns the exit code as a shell does: 128 + n after signal n, 127 command not found, 126 not executable. */
export async function runChild(argv: readonly string[], { env, cwd, signal, report }: ChildOptions): Promise<number> {
  let stopForwarding = (): void => undefined;
  const result = await runProcess(argv, {
    env,
    cwd,
    interactive: true,
    // An interrupt reaches the command as a signal; when it ends is its own decision.
    signal: new AbortController().signal,
    onStart: (program) => {
      stopForwarding = forwardSignals(program);
      if (signal.aborted) program.kill('SIGTERM');
    },
  });
  stopForwarding();
  if (result.end === 'not found' || result.end === 'not executable') await report(notStarted(argv[0] ?? '', result));
  return result.exitCode;
}

/** Forwards signals to the command, except Ctrl-C on a terminal, which sends it to the whole process group. */
function forwardSignals(program: RunningProcess): () => void {
  const listeners = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((name) => {
    const forward = (): void => {
      if (!process.stdin.isTTY || name !== 'SIGINT') program.kill(name);
    };
    process.on(name, forward);
    return () => process.off(name, forward);
  });
  return () => {
    for (const remove of listeners) remove();
  };
}

function notStarted(file: string, { end, stderr }: { readonly end: string; readonly stderr: string }): EnvctlError {
  const why = end === 'not found' ? 'was not found' : `could not be started (${stderr})`;
  return new EnvctlError('USAGE', `Command "${file}" ${why}`, {
    hint: 'Check its name and PATH. For a shell command line, use `sh -c "…"`.',
  });
}
