import type { ContainerInspectInfo } from 'dockerode';
import type { LogLine, LogOptions, Target } from '../../../model/engine.js';
import { EnvctlError } from '../../../model/errors.js';
import { failureOf } from '../api/api-errors.js';
import type { Client } from '../api/client.js';
import { type LineSplitter, splitLines } from '../api/line-splitter.js';
import { readFrames } from '../api/stream-frames.js';
import { findContainer } from './find-container.js';

/** Lines of one replica; with `follow` until the container, its time or the signal ends. Throws SERVICE_FAILED where its logging driver keeps nothing. */
export async function* readLogs(client: Client, target: Target, options: LogOptions): AsyncGenerator<LogLine> {
  const { service, replica } = target;
  const container = await findContainer(client, target, options.signal);
  const splitters = { stdout: splitLines(), stderr: splitLines() };
  const over = new AbortController();
  const signal = AbortSignal.any([options.signal, over.signal]);
  let timer: NodeJS.Timeout | undefined;
  try {
    const stream = await client.stream(`/containers/${container.Id}/logs?${query(options, container)}`, signal);
    if (stream === null) return;
    if (options.followMs !== undefined) timer = setTimeout(() => over.abort(), options.followMs);
    for await (const { stream: name, bytes } of readFrames(stream, container.Config.Tty ? 'raw' : 'multiplexed')) {
      for (const text of splitters[name].add(bytes)) yield { service, replica, stream: name, text };
    }
  } catch (error) {
    if (!signal.aborted) throw explain(error, target);
  } finally {
    clearTimeout(timer);
  }
  yield* rests(splitters, target);
}

function* rests(
  splitters: Readonly<Record<LogLine['stream'], LineSplitter>>,
  { service, replica }: Target,
): Generator<LogLine> {
  for (const stream of ['stdout', 'stderr'] as const) {
    const text = splitters[stream].end();
    if (text !== null) yield { service, replica, stream, text };
  }
}

function query({ follow, followMs, since, tail }: LogOptions, { State }: ContainerInspectInfo): string {
  const parameters = new URLSearchParams({
    stdout: 'true',
    stderr: 'true',
    follow: String(follow === true || followMs !== undefined),
  });
  if (since !== undefined) parameters.set('since', (fromMoment(since, State) / 1000).toFixed(3));
  if (tail !== undefined) parameters.set('tail', String(tail));
  return parameters.toString();
}

const slackMs = 1000;

/**
 * The engine notes a start only after the program has begun, so that lines since exactly then would lack the first ones. While it runs, the end
 * of the run before is known, and what came after that is of this run.
 */
function fromMoment(since: number, { StartedAt, FinishedAt }: ContainerInspectInfo['State']): number {
  const [started, finished] = [Date.parse(StartedAt), Math.max(0, Date.parse(FinishedAt))];
  if (Math.abs(since - started) > 1) return since;
  return finished < started ? finished : started - slackMs;
}

function explain(error: unknown, { service }: Target): unknown {
  const { message } = failureOf(error);
  if (!/does not support reading/.test(message)) return error;
  return new EnvctlError('SERVICE_FAILED', `The logs of "${service}" are not available: ${message}`, {
    hint: 'Its `logging.driver` keeps nothing here: use json-file or local.',
    service,
  });
}
