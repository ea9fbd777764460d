import { EnvctlError } from '../../model/errors.js';
import type { SeedFile } from '../shared/seed-file.js';
import { type MetaCommand, type PostgresStatement, statements } from './statements.js';

/** The part of a script that one message carries. Offsets count in the file's text. */
export type ScriptPart =
  /** Consecutive statements, unchanged, with the offset of each. */
  | { readonly kind: 'statements'; readonly start: number; readonly text: string; readonly starts: readonly number[] }
  | {
      readonly kind: 'copy';
      readonly start: number;
      readonly text: string;
      readonly data: string;
      readonly dataStart: number;
    };

/** A server parses a message completely: larger messages cost its memory, smaller ones our time. */
const MAX_CHARACTERS = 256 * 1024;

/**
 * Splits a seed file for one transaction, without its own `BEGIN` and `COMMIT`, which would end that transaction early.
 * Throws SEED_FAILED at psql commands, a ROLLBACK and unfinished COPY rows.
 */
export function* scriptParts(source: SeedFile): Generator<ScriptPart> {
  let batch: PostgresStatement[] = [];
  for (const statement of statements(source.text, (command) => checkMeta(source, command))) {
    const role = roleOf(source, statement);
    const joins = role === 'plain' && !isFull(batch, statement);
    if (!joins && batch.length > 0) {
      yield together(source, batch);
      batch = [];
    }
    if (role === 'plain') batch.push(statement);
    if (role === 'copy') yield copy(source, statement);
  }
  if (batch.length > 0) yield together(source, batch);
}

function roleOf(source: SeedFile, statement: PostgresStatement): 'plain' | 'copy' | 'skipped' {
  if (statement.data !== null) return 'copy';
  const [first, second] = statement.words;
  const opens = first === 'begin' || (first === 'start' && second === 'transaction');
  const closes = (first === 'commit' || first === 'end') && second !== 'prepared';
  if (opens || closes) return 'skipped';
  const rollsBack = first === 'abort' || (first === 'rollback' && !statement.words.includes('to'));
  if (rollsBack || (first === 'prepare' && second === 'transaction')) {
    throw new EnvctlError('SEED_FAILED', `A seed file is one transaction and cannot contain ${first?.toUpperCase()}`, {
      hint: 'Remove that statement; SAVEPOINT and ROLLBACK TO work.',
      position: source.at(statement.start),
    });
  }
  return 'plain';
}

function isFull(batch: readonly PostgresStatement[], next: PostgresStatement): boolean {
  const first = batch[0];
  return first !== undefined && next.end - first.start > MAX_CHARACTERS;
}

function together(source: SeedFile, batch: readonly PostgresStatement[]): ScriptPart {
  const start = batch[0]?.start ?? 0;
  const end = batch.at(-1)?.end ?? start;
  return {
    kind: 'statements',
    start,
    text: source.text.slice(start, end),
    starts: batch.map((statement) => statement.start),
  };
}

function copy(source: SeedFile, { start, end, data }: PostgresStatement): ScriptPart {
  if (data === null) throw new Error('bug: a COPY without rows');
  if (!data.closed) {
    throw new EnvctlError('SEED_FAILED', 'The rows of this COPY have no end', {
      hint: 'End them with a line that contains only `\\.`.',
      position: source.at(start),
    });
  }
  const rows = source.text.slice(data.start, data.end);
  return { kind: 'copy', start, text: source.text.slice(start, end), data: rows, dataStart: data.start };
}

/** pg_dump writes these since 17.6; they only protect psql. */
const HARMLESS = /^\\(un)?restrict\b/;

function checkMeta(source: SeedFile, { command, offset }: MetaCommand): void {
  if (HARMLESS.test(command)) return;
  const word = /^\\\S*/.exec(command)?.[0] ?? command;
  throw new EnvctlError('SEED_FAILED', `${word} is a psql command, not SQL`, {
    hint: remedies[word] ?? 'Remove the line, or run the file in an exec step: `[psql, -v, ON_ERROR_STOP=1, -f, …]`.',
    detail: command,
    position: source.at(offset),
  });
}

const remedies: Readonly<Record<string, string>> = {
  '\\i': 'Add that file as a separate step.',
  '\\ir': 'Add that file as a separate step.',
  '\\copy': 'Use a csv step: `{ csv: file.csv, table: name }`.',
  '\\connect': 'Seeds are loaded into the database of the service: dump without `--create`, or remove the line.',
  '\\c': 'Seeds are loaded into the database of the service: remove the line.',
};
