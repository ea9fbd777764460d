import type { Readable } from 'node:stream';
import type { Exec } from 'dockerode';
import { deadline } from '../../../model/deadline.js';
import { formatDuration } from '../../../model/durations.js';
import type { Target } from '../../../model/engine.js';
import { EnvctlError } from '../../../model/errors.js';
import type { ExecOptions, ExecResult } from '../../../model/host.js';
import { runProcess } from '../../../processes/run-process.js';
import { failureOf } from '../api/api-errors.js';
import type { Client } from '../api/client.js';
import { readFrames } from '../api/stream-frames.js';
import { findId } from './find-container.js';

interface Call {
  readonly target: Target;
  readonly argv: readonly string[];
}

/**
 * Runs a command in a container. A container that does not run answers 126 with the engine's words, because to a probe that is "not yet".
 * At the time limit the answer is 124; the engine offers no way to end the command itself, which goes on inside.
 */
export async function execute(client: Client, { target, argv }: Call, options: ExecOptions): Promise<ExecResult> {
  const id = await findId(client, target, options.signal);
  if (options.interactive === true) return interact(client, { id, argv }, options);
  const limitMs = options.timeoutMs ?? 2 ** 31 - 1;
  const signal = deadline(limitMs, options.signal);
  const output: Output = { stdout: [], stderr: [] };
  try {
    const exec = await (await client.docker()).getContainer(id).exec(request(argv, options, signal));
    await collect(exec, { options, signal, output });
    const { ExitCode: exitCode } = await exec.inspect({ abortSignal: signal });
    return mapped(exitCode ?? 126, output);
  } catch (error) {
    options.signal.throwIfAborted();
    if (signal.aborted) return result(124, output, `timed out after ${formatDuration(limitMs)}`);
    const { status, message } = failureOf(error);
    if (status === 404) client.listed.delete(target.instance);
    if (status === 409 || status === 404) return result(126, output, message);
    throw error;
  }
}

interface Output {
  readonly stdout: Uint8Array[];
  readonly stderr: Uint8Array[];
}

function request(argv: readonly string[], options: ExecOptions, abortSignal: AbortSignal): object {
  return {
    Cmd: argv,
    AttachStdout: true,
    AttachStderr: true,
    AttachStdin: options.stdin !== undefined,
    ...(options.user === undefined ? {} : { User: options.user }),
    ...(options.cwd === undefined ? {} : { WorkingDir: options.cwd }),
    ...(options.env === undefined
      ? {}
      : { Env: Object.entries(options.env).map(([name, value]) => `${name}=${value}`) }),
    abortSignal,
  };
}

async function collect(
  exec: Exec,
  { options, signal, output }: { readonly options: ExecOptions; readonly signal: AbortSignal; readonly output: Output },
): Promise<void> {
  const withInput = options.stdin !== undefined;
  const stream: Readable = await exec.start({ hijack: withInput, stdin: withInput, Tty: false, abortSignal: signal });
  // An abort must also end a response that has begun.
  const end = (): void => void stream.destroy(new Error('aborted'));
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  try {
    if (withInput && 'end' in stream && typeof stream.end === 'function') stream.end(options.stdin);
    for await (const { stream: name, bytes } of readFrames(stream, 'multiplexed')) output[name].push(bytes);
  } finally {
    signal.removeEventListener('abort', end);
  }
}

/** Engines report a command that cannot be run as text, with one code for both reasons. */
function mapped(exitCode: number, output: Output): ExecResult {
  const told = result(exitCode, output);
  const words = `${told.stdout}${told.stderr}`;
  if (exitCode !== 126 && exitCode !== 127) return told;
  if (!/^OCI runtime exec failed|^unable to find user/.test(words)) return told;
  const code = /executable file not found|no such file or directory/.test(words) ? 127 : 126;
  return { exitCode: code, stdout: '', stderr: words.trim() };
}

function result(exitCode: number, output: Output, more = ''): ExecResult {
  const stderr = Buffer.concat(output.stderr).toString('utf8');
  return {
    exitCode,
    stdout: Buffer.concat(output.stdout).toString('utf8'),
    stderr: [stderr, more].filter((text) => text !== '').join('\n'),
  };
}

/** A terminal is the docker command's business: raw mode, resizing, detaching. */
async function interact(
  client: Client,
  { id, argv }: { readonly id: string; readonly argv: readonly string[] },
  options: ExecOptions,
): Promise<ExecResult> {
  const variables = Object.entries(options.env ?? {});
  const parameters = [
    ...(process.stdin.isTTY ? ['-it'] : ['-i']),
    ...(options.user === undefined ? [] : ['--user', options.user]),
    ...(options.cwd === undefined ? [] : ['--workdir', options.cwd]),
    // Names only: values travel in the environment.
    ...variables.flatMap(([name]) => ['--env', name]),
  ];
  const environment = { ...client.options.env, ...Object.fromEntries(variables) };
  const { end, exitCode, stderr } = await runProcess(['docker', 'exec', ...parameters, id, ...argv], {
    interactive: true,
    env: environment,
    signal: options.signal,
  });
  if (end === 'not found' || end === 'not executable') throw noTerminal(stderr);
  return { exitCode, stdout: '', stderr: '' };
}

function noTerminal(reason: string): EnvctlError {
  return new EnvctlError(
    'ENGINE_UNAVAILABLE',
    `The docker command, which connects terminals, cannot be run: ${reason}`,
    {
      hint: 'Install it and put it on PATH, or run the command without a terminal.',
    },
  );
}
