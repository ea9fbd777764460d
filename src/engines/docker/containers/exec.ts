import { deadline } from '../../../model/deadline.js';
import { formatDuration } from '../../../model/durations.js';
import type { Target } from '../../../model/engine.js';
import { EnvctlError } from '../../../model/errors.js';
import type { ExecOptions, ExecResult } from '../../../model/host.js';
import { runProcess } from '../../../processes/run-process.js';
import { apiFailure } from '../api/api-error.js';
import { readFrames } from '../api/stream-frames.js';
import type { DockerClient } from '../client.js';
import { findContainerId } from './find-container.js';

export interface ContainerCommand {
  readonly target: Target;
  readonly argv: readonly string[];
}

const exitCodes = { timedOut: 124, cannotRun: 126, notFound: 127 } as const;
const longestTimeoutMs = 2 ** 31 - 1;

/**
 * Runs a command in a container. If the container does not run, the exit code is 126 and stderr the engine's message:
 * for a probe that means "not yet". After the time limit it is 124, but the command goes on in the container, because
 * the engine offers no way to end it.
 */
export async function execute(
  client: DockerClient,
  { target, argv }: ContainerCommand,
  options: ExecOptions,
): Promise<ExecResult> {
  const id = await findContainerId(client, target, options.signal);
  if (options.interactive === true) return runInTerminal(client, { id, argv }, options);
  const { timeoutMs = longestTimeoutMs } = options;
  const signal = deadline(timeoutMs, options.signal);
  const output: CapturedOutput = { stdout: [], stderr: [] };
  try {
    const started = await client.api.exec(id, { ...options, argv }, signal);
    for await (const { stream, bytes } of readFrames(started.output, 'multiplexed')) output[stream].push(bytes);
    return withoutRuntimeError(resultOf((await started.exitCode()) ?? exitCodes.cannotRun, output));
  } catch (error) {
    options.signal.throwIfAborted();
    if (signal.aborted) return resultOf(exitCodes.timedOut, output, `timed out after ${formatDuration(timeoutMs)}`);
    const { status, message } = apiFailure(error);
    if (status === 404) client.listed.delete(target.instance);
    if (status === 409 || status === 404) return resultOf(exitCodes.cannotRun, output, message);
    throw error;
  }
}

interface CapturedOutput {
  readonly stdout: Uint8Array[];
  readonly stderr: Uint8Array[];
}

function resultOf(exitCode: number, output: CapturedOutput, message = ''): ExecResult {
  const stderr = Buffer.concat(output.stderr).toString('utf8');
  return {
    exitCode,
    stdout: Buffer.concat(output.stdout).toString('utf8'),
    stderr: [stderr, message].filter((text) => text !== '').join('\n'),
  };
}

/** The engine reports a command that cannot be run as output, on either stream, with 126 or 127 for any reason. */
function withoutRuntimeError(result: ExecResult): ExecResult {
  const text = `${result.stdout}${result.stderr}`;
  if (result.exitCode !== exitCodes.cannotRun && result.exitCode !== exitCodes.notFound) return result;
  if (!/^OCI runtime exec failed|^unable to find user/.test(text)) return result;
  const isMissing = /executable file not found|no such file or directory/.test(text);
  return { exitCode: isMissing ? exitCodes.notFound : exitCodes.cannotRun, stdout: '', stderr: text.trim() };
}

/** Terminals are left to the docker command, which handles raw mode, resizing and detaching. */
async function runInTerminal(
  client: DockerClient,
  { id, argv }: { readonly id: string; readonly argv: readonly string[] },
  options: ExecOptions,
): Promise<ExecResult> {
  const variables = Object.entries(options.env ?? {});
  const flags = [
    ...(process.stdin.isTTY ? ['-it'] : ['-i']),
    ...(options.user === undefined ? [] : ['--user', options.user]),
    ...(options.cwd === undefined ? [] : ['--workdir', options.cwd]),
    // Names only: the values must not show in the list of processes.
    ...variables.flatMap(([name]) => ['--env', name]),
  ];
  const { end, exitCode, stderr } = await runProcess(['docker', 'exec', ...flags, id, ...argv], {
    interactive: true,
    env: { ...client.env, ...Object.fromEntries(variables) },
    signal: options.signal,
  });
  if (end === 'not found' || end === 'not executable') throw noDockerCommand(stderr);
  return { exitCode, stdout: '', stderr: '' };
}

function noDockerCommand(reason: string): EnvctlError {
  return new EnvctlError(
    'ENGINE_UNAVAILABLE',
    `Cannot run the docker command, which connects the terminal: ${reason}`,
    { hint: 'Install it and add it to PATH, or run the command without a terminal.' },
  );
}
