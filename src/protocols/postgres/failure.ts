import { EnvctlError } from '../../model/errors.js';
import type { Position } from '../../model/profile.js';
import { messageOf } from '../shared/errors.js';
import { NOTHING_LEFT } from '../shared/seed-failures.js';

/** Fields of an ErrorResponse (postgresql.org/docs/current/protocol-error-fields.html) as the driver names them. */
type Field = 'code' | 'detail' | 'hint' | 'position' | 'where' | 'message';

export function fieldOf(error: unknown, field: Field): string | undefined {
  if (typeof error !== 'object' || error === null || !(field in error)) return undefined;
  const value: unknown = Reflect.get(error, field);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** SEED_FAILED with the database's message; an EnvctlError stays unchanged. */
export function refusal(error: unknown, position: Position): EnvctlError {
  if (error instanceof EnvctlError) return error;
  const code = fieldOf(error, 'code');
  const own = code !== undefined && /^[0-9A-Z]{5}$/.test(code) ? ` (SQLSTATE ${code})` : '';
  const details = [fieldOf(error, 'detail'), fieldOf(error, 'where')].filter((line) => line !== undefined);
  return new EnvctlError('SEED_FAILED', `PostgreSQL: ${messageOf(error)}${own}`, {
    hint: [fieldOf(error, 'hint'), remedies[code ?? ''] ?? NOTHING_LEFT].filter(Boolean).join(' '),
    ...(details.length > 0 ? { detail: details.join('\n') } : {}),
    position,
    cause: error,
  });
}

const outside =
  'A seed file runs in one transaction. Use an exec step instead: `{ exec: [psql, …, -c, …], in: <service> }`.';
const remedies: Readonly<Record<string, string>> = {
  '25001': outside,
  '2D000': outside,
  '55P04': 'A new enum value cannot be used in the transaction that adds it: use two files, which are two steps.',
  '42501': 'Grant the privilege to the user of the service.',
};

/** The row that a COPY refuses; the server reports it as `COPY products, line 12, column price: "x"`. */
export function inCopy(error: unknown, first: Position): Position | null {
  const match = /^COPY .*?, line (\d+)/m.exec(fieldOf(error, 'where') ?? '');
  return match === null ? null : { file: first.file, line: first.line + Number(match[1]) - 1, column: 1 };
}
