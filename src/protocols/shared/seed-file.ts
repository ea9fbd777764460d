import { isUtf8 } from 'node:buffer';
import { EnvctlError } from '../../model/errors.js';
import type { Position } from '../../model/profile.js';
import type { SeedTask } from '../../model/protocol.js';

/** The text of a seed file: UTF-8 without its byte order mark. */
export interface SeedFile {
  readonly file: string;
  readonly text: string;
  /** Position of the character at `offset` of `text`. */
  at(offset: number): Position;
}

/** Throws SEED_FAILED at the offending line if the file cannot be read or is not UTF-8 text. */
export async function readSeedFile(task: SeedTask, file: string): Promise<SeedFile> {
  const bytes = await readBytes(task, file);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  return { file, text, at: (offset) => positionIn(file, text, offset) };
}

/** The same, as bytes. */
export async function readBytes(task: SeedTask, file: string): Promise<Uint8Array> {
  const bytes = await task.host.read(file).catch((error: unknown) => {
    throw unreadable(task, file, error);
  });
  if (bytes.length > MAX_BYTES)
    throw unusable(task.step.position, 'is larger than 512 MB', 'Split it into several steps.');
  if (startsWith(bytes, [0xff, 0xfe]) || startsWith(bytes, [0xfe, 0xff]))
    throw unusable({ file, line: 1, column: 1 }, 'is UTF-16', SAVE_AS_UTF8);
  const nul = bytes.indexOf(0);
  if (nul >= 0)
    throw unusable(byteAt(file, bytes, nul), 'contains a NUL byte', 'Remove that byte; seed files are text.');
  if (!isUtf8(bytes)) throw unusable(firstBadLine(file, bytes), 'is not valid UTF-8', SAVE_AS_UTF8);
  return startsWith(bytes, [0xef, 0xbb, 0xbf]) ? bytes.subarray(3) : bytes;
}

/** Below V8's limit for one string. */
const MAX_BYTES = 512 * 1000 * 1000;
const SAVE_AS_UTF8 = 'Save the file as UTF-8 (iconv -f <encoding> -t utf-8).';
const NEWLINE = 0x0a;

function startsWith(bytes: Uint8Array, prefix: readonly number[]): boolean {
  return prefix.every((byte, index) => bytes[index] === byte);
}

function unusable(position: Position, what: string, hint: string): EnvctlError {
  return new EnvctlError('SEED_FAILED', `The seed file ${what}`, { hint, position });
}

function unreadable(task: SeedTask, file: string, cause: unknown): EnvctlError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new EnvctlError('SEED_FAILED', `Cannot read ${file}`, {
    hint: 'Check the path of the step and the permissions of the file.',
    detail: why,
    position: task.step.position,
    cause,
  });
}

function positionIn(file: string, text: string, offset: number): Position {
  let line = 1;
  let start = 0;
  for (let next = text.indexOf('\n'); next >= 0 && next < offset; next = text.indexOf('\n', start)) {
    line += 1;
    start = next + 1;
  }
  return { file, line, column: offset - start + 1 };
}

function byteAt(file: string, bytes: Uint8Array, offset: number): Position {
  let line = 1;
  let start = 0;
  for (let next = bytes.indexOf(NEWLINE); next >= 0 && next < offset; next = bytes.indexOf(NEWLINE, start)) {
    line += 1;
    start = next + 1;
  }
  return { file, line, column: offset - start + 1 };
}

/** In UTF-8 a newline byte is never part of another character, so lines can be checked one by one. */
function firstBadLine(file: string, bytes: Uint8Array): Position {
  let start = 0;
  for (let line = 1; ; line++) {
    const end = bytes.indexOf(NEWLINE, start);
    if (end < 0 || !isUtf8(bytes.subarray(start, end))) return { file, line, column: 1 };
    start = end + 1;
  }
}
