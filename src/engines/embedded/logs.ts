import { closeSync, openSync, readSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogLine, LogOptions, Target } from '../../model/engine.js';
import type { EmbeddedContext } from './context.js';
import { replicaFolder } from './state/paths.js';
import { readRun, runStatusOf } from './state/records.js';

const streams = ['out', 'err'] as const;
const pollMs = 50;
const chunkBytes = 64 * 1024;

/**
 * Lines of a replica. Programs write directly into two files, so lines have no time and the two streams are not
 * interleaved: the file written to last comes last, and `since` means the latest run or everything.
 */
export async function* logs(context: EmbeddedContext, target: Target, options: LogOptions): AsyncGenerator<LogLine> {
  const folder = replicaFolder(context, target);
  const files = streams.map((stream) => openStream(folder, stream, options)).sort((a, b) => a.writtenAt - b.writtenAt);
  const lines = files.flatMap((file) => linesOf(file).map((text) => lineOf(target, file, text)));
  const latest = options.tail === undefined ? lines : lines.slice(Math.max(0, lines.length - options.tail));
  yield* latest;
  const deadline = Date.now() + (options.followMs ?? (options.follow === true ? Number.POSITIVE_INFINITY : 0));
  if (deadline > Date.now()) yield* follow(files, { folder, target, deadline, signal: options.signal });
  else yield* files.flatMap((file) => lastLine(target, file));
}

/** A log file and how far it has been read. */
interface LogFile {
  readonly name: (typeof streams)[number];
  readonly file: string;
  readonly writtenAt: number;
  offset: number;
  /** Bytes after the last newline. */
  rest: Buffer;
}

function openStream(folder: string, name: LogFile['name'], { since, tail }: LogOptions): LogFile {
  const file = path.join(folder, `${name}.log`);
  const stat = statSync(file, { throwIfNoEntry: false });
  const run = readRun(folder);
  const first = run && since !== undefined && since >= run.startedAt ? run.logs[name] : 0;
  const offset = tail === undefined ? first : tailOffset(file, { first, size: stat?.size ?? 0, lines: tail });
  return { name, file, writtenAt: stat?.mtimeMs ?? 0, offset, rest: Buffer.alloc(0) };
}

/** An offset at or before the last `lines` lines, found without reading all of a long log. */
function tailOffset(file: string, { first, size, lines }: { first: number; size: number; lines: number }): number {
  for (let length = chunkBytes; length < size - first; length *= 4) {
    const start = size - length;
    const found = read(file, start, length);
    const newline = found.indexOf(10);
    if (found.subarray(newline + 1).filter((byte) => byte === 10).length > lines) return start + newline + 1;
  }
  return first;
}

function read(file: string, start: number, length: number): Buffer {
  const buffer = Buffer.alloc(length);
  const descriptor = openSync(file, 'r');
  try {
    return buffer.subarray(0, readSync(descriptor, buffer, 0, length, start));
  } finally {
    closeSync(descriptor);
  }
}

/** Complete lines written since the last call. */
function linesOf(stream: LogFile): readonly string[] {
  const size = statSync(stream.file, { throwIfNoEntry: false })?.size ?? 0;
  if (size <= stream.offset) return [];
  const found = Buffer.concat([stream.rest, read(stream.file, stream.offset, size - stream.offset)]);
  stream.offset = size;
  const end = found.lastIndexOf(10);
  stream.rest = Buffer.from(found.subarray(end + 1));
  return end < 0 ? [] : found.subarray(0, end).toString('utf8').split('\n');
}

/** Text after the last newline. */
function lastLine(target: Target, stream: LogFile): readonly LogLine[] {
  return stream.rest.length > 0 ? [lineOf(target, stream, stream.rest.toString('utf8'))] : [];
}

const lineOf = ({ service, replica }: Target, { name }: LogFile, text: string): LogLine => ({
  service,
  replica,
  stream: name === 'out' ? 'stdout' : 'stderr',
  text,
});

/**
 * Ends with the signal, at the deadline, or when the program has ended and everything is read; then yields the last
 * line.
 */
async function* follow(
  files: readonly LogFile[],
  { folder, target, deadline, signal }: { folder: string; target: Target; deadline: number; signal: AbortSignal },
): AsyncGenerator<LogLine> {
  while (!signal.aborted && Date.now() < deadline) {
    const running = runStatusOf(folder).state === 'running';
    const lines = files.flatMap((file) => linesOf(file).map((text) => lineOf(target, file, text)));
    yield* lines;
    if (!running && lines.length === 0) break;
    await sleep(pollMs, undefined, { signal }).catch(() => undefined);
  }
  yield* files.flatMap((file) => lastLine(target, file));
}
