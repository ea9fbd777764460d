import type { ContainerInspectInfo } from 'dockerode';
import type { LogLine, LogOptions, Target } from '../../../model/engine.js';
import { EnvctlError } from '../../../model/errors.js';
import { apiFailure } from '../api/api-error.js';
import { type LineSplitter, splitLines } from '../api/line-splitter.js';
import { readFrames } from '../api/stream-frames.js';
import type { DockerClient } from '../client.js';
import { findContainer } from './find-container.js';

/**
 * Log lines of a replica. With `follow`, until the container ends, the time is over or the signal aborts.
 * Throws SERVICE_FAILED if the container's logging driver cannot be read.
 */
export async function* readLogs(client: DockerClient, target: Target, options: LogOptions): AsyncGenerator<LogLine> {
  const { service, replica } = target;
  const container = await findContainer(client, target, options.signal);
  const splitters = { stdout: splitLines(), stderr: splitLines() };
  const timeOver = new AbortController();
  const signal = AbortSignal.any([options.signal, timeOver.signal]);
  let timer: NodeJS.Timeout | undefined;
  try {
    const output = await client.api.readLogs(container.Id, logQuery(options, container), signal);
    if (output === null) return;
    if (options.followMs !== undefined) timer = setTimeout(() => timeOver.abort(), options.followMs);
    for await (const { stream, bytes } of readFrames(output, container.Config.Tty ? 'raw' : 'multiplexed')) {
      for (const text of splitters[stream].add(bytes)) yield { service, replica, stream, text };
    }
  } catch (error) {
    if (!signal.aborted) throw unreadable(error, target);
  } finally {
    clearTimeout(timer);
  }
  yield* unfinishedLines(splitters, target);
}

function* unfinishedLines(
  splitters: Readonly<Record<LogLine['stream'], LineSplitter>>,
  { service, replica }: Target,
): Generator<LogLine> {
  for (const stream of ['stdout', 'stderr'] as const) {
    const text = splitters[stream].end();
    if (text !== null) yield { service, replica, stream, text };
  }
}

function logQuery({ follow, followMs, since, tail }: LogOptions, { State }: ContainerInspectInfo): URLSearchParams {
  return new URLSearchParams({
    stdout: 'true',
    stderr: 'true',
    follow: String(follow === true || followMs !== undefined),
    ...(since === undefined ? {} : { since: (logStart(since, State) / 1000).toFixed(3) }),
    ...(tail === undefined ? {} : { tail: String(tail) }),
  });
}

const startToleranceMs = 1000;

/**
 * The engine notes a start only after the program runs, so reading from exactly then would miss its first lines.
 * If `since` is the start of the current run, read from the end of the previous run instead.
 */
function logStart(since: number, { StartedAt, FinishedAt }: ContainerInspectInfo['State']): number {
  const [started, finished] = [Date.parse(StartedAt), Math.max(0, Date.parse(FinishedAt))];
  if (Math.abs(since - started) > 1) return since;
  return finished < started ? finished : started - startToleranceMs;
}

function unreadable(error: unknown, { service }: Target): unknown {
  const { message } = apiFailure(error);
  if (!/does not support reading/.test(message)) return error;
  return new EnvctlError('SERVICE_FAILED', `The logs of service "${service}" are not available: ${message}`, {
    hint: 'Its `logging.driver` stores no logs that can be read: use json-file or local.',
    service,
  });
}
