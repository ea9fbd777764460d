import { EnvctlError } from '../../model/errors.js';
import type { Source } from '../shared/seed-source.js';
import { type MetaCommand, type Statement, statements } from './statements.js';

/** What is sent to the server in one go. Offsets are those of the source's text. */
export type Piece =
  /** A stretch of the file, word for word, with the places where its statements begin. */
  | { readonly kind: 'statements'; readonly start: number; readonly text: string; readonly starts: readonly number[] }
  | {
      readonly kind: 'copy';
      readonly start: number;
      readonly text: string;
      readonly data: string;
      readonly dataStart: number;
    };

/** A server parses what comes in one message as a whole: larger messages cost its memory, smaller ones our time. */
const MAX_CHARACTERS = 256 * 1024;

/**
 * Cuts a seed file into pieces for one transaction. `BEGIN` and `COMMIT` of the file are left out, since they would end that transaction early.
 * Throws SEED_FAILED at psql commands, a ROLLBACK and unfinished COPY rows.
 */
export function* pieces(source: Source): Generator<Piece> {
  let batch: Statement[] = [];
  for (const statement of statements(source.text, (command) => checkMeta(source, command))) {
    const role = roleOf(source, statement);
    const joins = role === 'plain' && !isFull(batch, statement);
    if (!joins && batch.length > 0) {
      yield stretch(source, batch);
      batch = [];
    }
    if (role === 'plain') batch.push(statement);
    if (role === 'copy') yield copy(source, statement);
  }
  if (batch.length > 0) yield stretch(source, batch);
}

function roleOf(source: Source, statement: Statement): 'plain' | 'copy' | 'left out' {
  if (statement.data !== null) return 'copy';
  const [first, second] = statement.words;
  const opens = first === 'begin' || (first === 'start' && second === 'transaction');
  const closes = (first === 'commit' || first === 'end') && second !== 'prepared';
  if (opens || closes) return 'left out';
  const takesBack = first === 'abort' || (first === 'rollback' && !statement.words.includes('to'));
  if (takesBack || (first === 'prepare' && second === 'transaction')) {
    throw new EnvctlError('SEED_FAILED', `a seed file is one transaction and cannot contain ${first?.toUpperCase()}`, {
      hint: 'Remove that statement; SAVEPOINT and ROLLBACK TO work.',
      position: source.at(statement.start),
    });
  }
  return 'plain';
}

function isFull(batch: readonly Statement[], next: Statement): boolean {
  const first = batch[0];
  return first !== undefined && next.end - first.start > MAX_CHARACTERS;
}

function stretch(source: Source, batch: readonly Statement[]): Piece {
  const start = batch[0]?.start ?? 0;
  const end = batch.at(-1)?.end ?? start;
  return {
    kind: 'statements',
    start,
    text: source.text.slice(start, end),
    starts: batch.map((statement) => statement.start),
  };
}

function copy(source: Source, { start, end, data }: Statement): Piece {
  if (data === null) throw new Error('bug: a COPY without rows');
  if (!data.closed) {
    throw new EnvctlError('SEED_FAILED', 'the rows of this COPY have no end', {
      hint: 'Close them with a line that is \\. alone.',
      position: source.at(start),
    });
  }
  const rows = source.text.slice(data.start, data.end);
  return { kind: 'copy', start, text: source.text.slice(start, end), data: rows, dataStart: data.start };
}

/** pg_dump frames its output with these since 17.6; they only guard psql itself. */
const HARMLESS = /^\\(un)?restrict\b/;

function checkMeta(source: Source, { command, offset }: MetaCommand): void {
  if (HARMLESS.test(command)) return;
  const word = /^\\\S*/.exec(command)?.[0] ?? command;
  throw new EnvctlError('SEED_FAILED', `${word} is a command of psql, not of the database`, {
    hint: remedies[word] ?? 'Remove the line, or run the file with an exec step: [psql, -v, ON_ERROR_STOP=1, -f, …].',
    detail: command,
    position: source.at(offset),
  });
}

const remedies: Readonly<Record<string, string>> = {
  '\\i': 'List that file as a step of its own.',
  '\\ir': 'List that file as a step of its own.',
  '\\copy': 'Use a csv step: { csv: file.csv, table: name }.',
  '\\connect': 'Seeds go into the database of the service: dump without --create, and remove the line.',
  '\\c': 'Seeds go into the database of the service: remove the line.',
};
