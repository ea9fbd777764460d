/** Signals, exit codes and error reports. Everything below throws or returns an exit code. */
import { setMaxListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import { EnvctlError } from '../model/errors.js';
import type { CliContext } from './context.js';

/** Runs a command line and returns its exit code. Never throws, and reports every failure. */
export async function main(argv: readonly string[]): Promise<number> {
  if (argv[0] === '--version' || argv[0] === '-V') return printVersion();
  const interrupt = new AbortController();
  setMaxListeners(0, interrupt.signal);
  const state: ProcessState = { cleanupCommand: null, secrets: [], mask: (text) => text, exitCode: 130 };
  handleSignals(interrupt, state);
  const context = contextOf(interrupt.signal, state);
  try {
    const { runProgram } = await import('./program.js');
    return await runProgram(argv, context);
  } catch (error) {
    if (interrupt.signal.aborted && !(error instanceof EnvctlError && error.code !== 'INTERRUPTED'))
      return state.exitCode;
    return reportError(error, argv, context);
  }
}

interface ProcessState {
  cleanupCommand: string | null;
  secrets: readonly string[];
  mask: (text: string) => string;
  exitCode: number;
}

/** 128 + the signal's number, as in shells. */
const signalExitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** The first signal aborts and lets the command clean up; the second exits immediately. */
function handleSignals(interrupt: AbortController, state: ProcessState): void {
  for (const [name, exitCode] of Object.entries(signalExitCodes)) {
    process.on(name, () => {
      if (interrupt.signal.aborted) exitNow(state);
      state.exitCode = exitCode;
      interrupt.abort(
        new EnvctlError('INTERRUPTED', `Interrupted by ${name}`, { hint: 'Press Ctrl-C again to exit immediately.' }),
      );
    });
  }
  // A reader may close the pipe early, as `head` does.
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => (error.code === 'EPIPE' ? undefined : exitNow(state)));
}

function exitNow({ cleanupCommand, exitCode }: ProcessState): never {
  if (cleanupCommand !== null)
    process.stderr.write(`\nExited without cleaning up. To finish, run: ${cleanupCommand}\n`);
  process.exit(exitCode);
}

function contextOf(signal: AbortSignal, state: ProcessState): CliContext {
  return {
    signal,
    env: process.env,
    cwd: process.cwd(),
    stdout: process.stdout,
    stderr: process.stderr,
    setCleanupCommand: (command) => {
      state.cleanupCommand = command;
    },
    hide: async (secrets, publicNames = []) => {
      const { masker } = await import('../connections/masking.js');
      state.secrets = [...new Set([...state.secrets, ...secrets])];
      state.mask = masker(state.secrets, publicNames);
    },
    mask: (text) => state.mask(text),
  };
}

async function reportError(error: unknown, argv: readonly string[], context: CliContext): Promise<number> {
  const exitCode = error instanceof EnvctlError ? error.exitCode : 1;
  if (wantsJson(argv, context.env)) {
    const { errorJson } = await import('../ui/json.js');
    context.stdout.write(`${errorJson(error, context.mask)}\n`);
  } else {
    const { reportText } = await import('./error-report.js');
    await reportText(error, context, { verbose: await wantsDetail(argv, context.env) });
  }
  return exitCode;
}

/** Read from the raw arguments, because the error may be that they cannot be parsed. */
function wantsJson(argv: readonly string[], env: CliContext['env']): boolean {
  const own = ownArguments(argv).join(' ');
  return /--output[ =]json\b/.test(own) || (env.ENVCTL_OUTPUT === 'json' && !/--output[ =]text\b/.test(own));
}

async function wantsDetail(argv: readonly string[], env: CliContext['env']): Promise<boolean> {
  const { isTruthyEnv } = await import('./option-kinds.js');
  return ownArguments(argv).some((word) => word === '-v' || word === '--verbose') || isTruthyEnv(env.ENVCTL_VERBOSE);
}

/** Arguments after `--` belong to another program. */
function ownArguments(argv: readonly string[]): readonly string[] {
  const cut = argv.indexOf('--');
  return cut < 0 ? argv : argv.slice(0, cut);
}

function printVersion(): number {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  process.stdout.write(`${(JSON.parse(text) as { version: string }).version}\n`);
  return 0;
}
