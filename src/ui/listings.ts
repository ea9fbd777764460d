/** The tables of `status` and `ls`. */
import type { Storage } from '../model/environment.js';
import type { Paint } from './color.js';
import { table } from './tables.js';
import { age, oneLine } from './text.js';

/** One replica of a service, as it is now. */
export interface StatusRow {
  /** `worker`, or `worker 2` where there are several. */
  readonly service: string;
  readonly kind: string;
  /** `running`, `exited 1`, `missing` … */
  readonly state: string;
  /** What its gate answers: `ready`, or why not. */
  readonly gate: string;
  /** Where it is from outside; null: nowhere. */
  readonly address: string | null;
  /** When it was started, ms since the epoch; null: never. */
  readonly since: number | null;
}

export interface InstanceRow {
  readonly instance: string;
  readonly profile: string;
  readonly engine: string;
  readonly running: number;
  readonly services: number;
  /** `running`, `stopped`, `partly running`, `down`: only data are left. */
  readonly state: string;
  /** ms since the epoch. */
  readonly createdAt: number;
  readonly storage: Storage;
  /** Names of the stores that were kept when their services went. */
  readonly kept: readonly string[];
}

export interface ListingOptions {
  /** ms since the epoch. */
  readonly now: number;
  readonly paint: Paint;
  readonly mask: (text: string) => string;
  /** Width of the terminal; undefined: cut nothing. */
  readonly columns?: number | undefined;
}

export interface InstancesOptions extends ListingOptions {
  /** Engines that did not answer, with the reason: `compose: no Docker Engine answers`. */
  readonly silent: readonly string[];
}

export function statusText(rows: readonly StatusRow[], options: ListingOptions): string {
  const cells = rows.map(({ service, kind, state, gate, address, since }) => [
    service,
    kind,
    state,
    gate,
    since === null ? '-' : age(options.now - since),
    address ?? '-',
  ]);
  return listing(['SERVICE', 'KIND', 'STATE', 'GATE', 'SINCE', 'ADDRESS'], cells, options);
}

/** Instances in the given order, or how to start one. */
export function instancesText(rows: readonly InstanceRow[], options: InstancesOptions): string {
  const asked = options.silent.length === 0 ? '' : ` on the engines that answer (${options.silent.join('; ')})`;
  if (rows.length === 0) return `No instances${asked}. Start one with: envctl up\n`;
  const cells = rows.map((row) => [
    row.instance,
    row.profile,
    row.engine,
    row.services === 0 ? row.state : `${row.running}/${row.services} ${row.state}`,
    age(options.now - row.createdAt),
    row.storage,
    row.kept.length === 0 ? '-' : row.kept.join(', '),
  ]);
  return listing(['INSTANCE', 'PROFILE', 'ENGINE', 'SERVICES', 'AGE', 'STORAGE', 'KEPT DATA'], cells, options);
}

function listing(
  headers: readonly string[],
  cells: readonly (readonly string[])[],
  { mask, columns, paint }: ListingOptions,
): string {
  return table(
    cells.map((row) => row.map((cell) => oneLine(mask(cell)))),
    { headers, columns, paint },
  );
}
