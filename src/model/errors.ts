import type { Position } from './profile.js';

/** All error codes, each with its exit code. */
export const codes = {
  USAGE: 2,
  PROFILE_INVALID: 2,
  PROFILE_UNKNOWN: 2,
  REFERENCE_DANGLING: 2,
  CYCLE: 2,
  VARIABLE_MISSING: 2,
  PARAMETER_INVALID: 2,
  TEMPLATE_UNKNOWN: 2,
  COMPOSE_REFUSED: 2,
  ENGINE_CANNOT_RUN: 2,
  VALUE_UNREPRESENTABLE: 2,
  DATA_AT_RISK: 2,
  ENGINE_UNAVAILABLE: 3,
  COMPOSE_MISSING: 3,
  SERVICE_FAILED: 4,
  IMAGE_MISSING: 5,
  IMAGE_BUILD_FAILED: 5,
  // 6 is reserved for mocks that were not called as expected.
  INSTANCE_UNKNOWN: 7,
  PORT_TAKEN: 8,
  NETWORK_FAILED: 8,
  SEED_FAILED: 9,
  SEED_CHANGED: 9,
  LOCKED: 10,
  TEARDOWN_INCOMPLETE: 11,
  GATE_TIMEOUT: 17,
  INTERRUPTED: 130,
} as const;
export type ErrorCode = keyof typeof codes;

export interface ErrorOptions {
  /** One or two sentences on what to do; never empty. */
  readonly hint: string;
  /** Diagnostics: last log lines, the refused line, the output of another program. */
  readonly detail?: string;
  readonly position?: Position;
  readonly service?: string;
  readonly cause?: unknown;
}

/**
 * A failure that a user can cause and fix. A bug is a plain Error.
 * `message` is one line that names the thing and the problem; it is shown after the position, if there is one.
 */
export class EnvctlError extends Error {
  override readonly name = 'EnvctlError';
  readonly code: ErrorCode;
  readonly hint: string;
  readonly detail: string | undefined;
  readonly position: Position | undefined;
  readonly service: string | undefined;

  constructor(code: ErrorCode, message: string, options: ErrorOptions) {
    super(message, { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.detail = options.detail;
    this.position = options.position;
    this.service = options.service;
  }

  get exitCode(): number {
    return codes[this.code];
  }

  /** `message` is not enumerable on errors, and JSON would silently lose it. */
  toJSON(): Record<string, unknown> {
    const { code, message, hint, detail, position, service, exitCode } = this;
    return { code, message, hint, detail, position, service, exitCode };
  }
}

/** The nearest of the `known` words within two edits of `word`; undefined: none is that close. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = word.length > 3 ? 3 : 2;
  for (const candidate of known) {
    const distance = edits(word.toLowerCase(), candidate.toLowerCase(), bestDistance);
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** `Did you mean …?`, or the words to choose from if none is close. */
export function suggest(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  if (near !== undefined) return `Did you mean "${near}"?`;
  return known.length > 0 ? `Available: ${[...known].sort().join(', ')}.` : 'None is defined.';
}

/** Optimal string alignment distance (Damerau-Levenshtein without overlaps); stops at `limit`. */
function edits(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) row.push(editCell(a, b, { i, j, rows, row }));
    rows.push(row);
  }
  return rows[a.length]?.[b.length] ?? limit;
}

interface Cell {
  readonly i: number;
  readonly j: number;
  readonly rows: number[][];
  readonly row: number[];
}

function editCell(a: string, b: string, { i, j, rows, row }: Cell): number {
  const cost = a[i - 1] === b[j - 1] ? 0 : 1;
  const at = (line: number[] | undefined, column: number): number => line?.[column] ?? 0;
  const plain = Math.min(at(rows[i - 1], j) + 1, at(row, j - 1) + 1, at(rows[i - 1], j - 1) + cost);
  const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
  return swapped ? Math.min(plain, at(rows[i - 2], j - 2) + 1) : plain;
}
