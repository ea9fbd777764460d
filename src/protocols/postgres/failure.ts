import { EnvctlError } from '../../model/errors.js';
import type { Position } from '../../model/profile.js';
import { words } from '../shared/attempt.js';

/** Fields of an ErrorResponse (https://www.postgresql.org/docs/current/protocol-error-fields.html) as the driver names them. */
type Field = 'code' | 'detail' | 'hint' | 'position' | 'where' | 'message';

export function at(error: unknown, field: Field): string | undefined {
  if (typeof error !== 'object' || error === null || !(field in error)) return undefined;
  const value: unknown = Reflect.get(error, field);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** SEED_FAILED in the database's own words; what is that already is given back as it is. */
export function refusal(error: unknown, position: Position): EnvctlError {
  if (error instanceof EnvctlError) return error;
  const code = at(error, 'code');
  const own = code !== undefined && /^[0-9A-Z]{5}$/.test(code) ? ` (SQLSTATE ${code})` : '';
  const evidence = [at(error, 'detail'), at(error, 'where')].filter((line) => line !== undefined);
  return new EnvctlError('SEED_FAILED', `PostgreSQL: ${words(error)}${own}`, {
    hint: [
      at(error, 'hint'),
      remedies[code ?? ''] ?? 'Nothing of this file was kept: mend it and run the command again.',
    ]
      .filter(Boolean)
      .join(' '),
    ...(evidence.length > 0 ? { detail: evidence.join('\n') } : {}),
    position,
    cause: error,
  });
}

const outside =
  'A seed file runs as one transaction. Run this statement with an exec step instead: { exec: [psql, …, -c, …], in: <service> }.';
const remedies: Readonly<Record<string, string>> = {
  '25001': outside,
  '2D000': outside,
  '55P04':
    'A new enum value cannot be used in the transaction that adds it: put the two into two files, which are two steps.',
  '42501': 'Grant it to the user of the service, or let the seed be written by its owner.',
};

/** Line of the rows that a COPY refuses: the server says it as `COPY products, line 12, column price: "x"`. */
export function inCopy(error: unknown, first: Position): Position | null {
  const match = /^COPY .*?, line (\d+)/m.exec(at(error, 'where') ?? '');
  return match === null ? null : { file: first.file, line: first.line + Number(match[1]) - 1, column: 1 };
}
