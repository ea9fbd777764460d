/** The tables of `status` and `ls`. */
import type { InstanceSummary, ServiceStatus } from '../model/observed.js';
import type { Paint } from './color.js';
import { table } from './tables.js';
import { age, oneLine } from './text.js';

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

export function statusText(rows: readonly ServiceStatus[], options: ListingOptions): string {
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
export function instancesText(rows: readonly InstanceSummary[], options: InstancesOptions): string {
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
