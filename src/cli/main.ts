/** The one door: signals, exit codes and the last word on errors. Everything below throws or returns a code. */
import { setMaxListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import { EnvctlError } from '../model/errors.js';
import type { CliContext } from './context.js';
import { isOn } from './switch.js';

/** Runs a command line and gives the exit code; never throws, never leaves without a word on stderr. */
export async function main(argv: readonly string[]): Promise<number> {
  if (argv[0] === '--version' || argv[0] === '-V') return printVersion();
  const interrupt = new AbortController();
  setMaxListeners(0, interrupt.signal);
  const state: State = { finish: null, secrets: [], mask: (text) => text, code: 130 };
  listen(interrupt, state);
  const context = contextOf(interrupt.signal, state);
  try {
    const { runProgram } = await import('./program.js');
    return await runProgram(argv, context);
  } catch (error) {
    if (interrupt.signal.aborted && !(error instanceof EnvctlError && error.code !== 'INTERRUPTED')) return state.code;
    return reportError(error, argv, context);
  }
}

interface State {
  finish: string | null;
  secrets: readonly string[];
  mask: (text: string) => string;
  code: number;
}

/** 128 + the signal's number, as shells report it. */
const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

function listen(interrupt: AbortController, state: State): void {
  for (const [name, code] of Object.entries(signals)) {
    process.on(name, () => {
      if (interrupt.signal.aborted) leaveNow(state);
      state.code = code;
      interrupt.abort(new EnvctlError('INTERRUPTED', `interrupted by ${name}`, { hint: 'Once more stops at once.' }));
    });
  }
  // A reader that closes the pipe (`| head`) is no failure of ours.
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => (error.code === 'EPIPE' ? undefined : leaveNow(state)));
}

function leaveNow({ finish, code }: State): never {
  if (finish !== null) process.stderr.write(`\nStopped at once. What is left goes with: ${finish}\n`);
  process.exit(code);
}

function contextOf(signal: AbortSignal, state: State): CliContext {
  return {
    signal,
    env: process.env,
    stdout: process.stdout,
    stderr: process.stderr,
    finishWith: (command) => {
      state.finish = command;
    },
    hide: async (secrets, words = []) => {
      const { masker } = await import('../connections/masking.js');
      state.secrets = [...new Set([...state.secrets, ...secrets])];
      state.mask = masker(state.secrets, words);
    },
    mask: (text) => state.mask(text),
  };
}

async function reportError(error: unknown, argv: readonly string[], context: CliContext): Promise<number> {
  const code = error instanceof EnvctlError ? error.exitCode : 1;
  if (!wantsJson(argv, context.env)) {
    const { reportText } = await import('./error-report.js');
    await reportText(error, context, wantsMore(argv, context.env) ? 'yes' : 'no');
    return code;
  }
  const { errorJson } = await import('../ui/json.js');
  context.stdout.write(`${errorJson(error, context.mask)}\n`);
  return code;
}

/** Read from the words as they stand: the error may be that they cannot be read. */
function wantsJson(argv: readonly string[], env: CliContext['env']): boolean {
  const own = ownWords(argv).join(' ');
  return /--output[ =]json\b/.test(own) || (env.ENVCTL_OUTPUT === 'json' && !/--output[ =]text\b/.test(own));
}

function wantsMore(argv: readonly string[], env: CliContext['env']): boolean {
  return ownWords(argv).some((word) => word === '-v' || word === '--verbose') || isOn(env.ENVCTL_VERBOSE);
}

/** What stands behind `--` is somebody else's. */
function ownWords(argv: readonly string[]): readonly string[] {
  const cut = argv.indexOf('--');
  return cut < 0 ? argv : argv.slice(0, cut);
}

function printVersion(): number {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  process.stdout.write(`${(JSON.parse(text) as { version: string }).version}\n`);
  return 0;
}
