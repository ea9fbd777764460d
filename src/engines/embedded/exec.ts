import { type ChildProcess, spawn } from 'node:child_process';
import type { Target } from '../../model/engine.js';
import { EnvctlError } from '../../model/errors.js';
import type { ExecOptions, ExecResult } from '../../model/host.js';
import { type EmbeddedContext, replicaFolder } from './context.js';
import { baseEnvironment } from './launch.js';
import { mark } from './process-table.js';
import { readCreated } from './records.js';

/** Runs a command in a service's working directory and environment. Throws INSTANCE_UNKNOWN where there is no such replica. */
export async function exec(
  world: EmbeddedContext,
  target: Target,
  argv: readonly string[],
  options: ExecOptions,
): Promise<ExecResult> {
  const folder = replicaFolder(world, target);
  const created = readCreated(folder);
  if (!created) throw unknown(target);
  options.signal.throwIfAborted();
  const [file = '', ...rest] = argv;
  const child = spawn(file, rest, {
    cwd: options.cwd ?? created.cwd,
    env: { ...baseEnvironment(world), ...created.environment, ...options.env, [mark]: folder },
    /** Its own group, to end all of it; a terminal's must stay the terminal's. */
    detached: !options.interactive,
    stdio: options.interactive ? 'inherit' : ['pipe', 'pipe', 'pipe'],
  });
  return finished(child, options);
}

const unknown = ({ instance, service, replica }: Target): EnvctlError =>
  new EnvctlError('INSTANCE_UNKNOWN', `there is no "${service}" (${replica}) in ${instance}`, {
    hint: '`envctl status` lists the services there are.',
    service,
  });

async function finished(
  child: ChildProcess,
  { signal, timeoutMs, stdin, interactive }: ExecOptions,
): Promise<ExecResult> {
  const out = collected(child.stdout);
  const err = collected(child.stderr);
  child.stdin?.on('error', () => undefined).end(stdin ?? '');
  let late = false;
  const end = (): void => endGroup(child, interactive === true);
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          late = true;
          end();
        }, timeoutMs);
  signal.addEventListener('abort', end, { once: true });
  const code = await ending(child);
  clearTimeout(timer);
  signal.removeEventListener('abort', end);
  signal.throwIfAborted();
  return typeof code === 'number'
    ? { exitCode: late ? 124 : code, stdout: out(), stderr: err() }
    : { exitCode: code.exitCode, stdout: '', stderr: code.words };
}

function collected(stream: NodeJS.ReadableStream | null): () => string {
  const chunks: Buffer[] = [];
  stream?.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString('utf8');
}

function endGroup(child: ChildProcess, interactive: boolean): void {
  if (child.pid === undefined) return;
  try {
    process.kill(interactive ? child.pid : -child.pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

const signalNumbers: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGPIPE: 13,
  SIGTERM: 15,
};

/** As a shell tells it: 127 not found, 126 not executable, 128 + the signal that ended it. */
function ending(child: ChildProcess): Promise<number | { readonly exitCode: number; readonly words: string }> {
  return new Promise((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) =>
      resolve({ exitCode: error.code === 'ENOENT' ? 127 : 126, words: error.message }),
    );
    child.once('close', (code, signal) => resolve(code ?? 128 + (signalNumbers[signal ?? ''] ?? 0)));
  });
}
