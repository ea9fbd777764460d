/** The summary at the end of a command. */

import type { Connection } from '../model/connection.js';
import { formatDuration } from '../model/durations.js';
import type { Paint } from './color.js';
import type { EventOf } from './phrases.js';
import type { Progress } from './progress.js';
import { table, tableWidth } from './tables.js';
import { oneLine, width } from './text.js';

type EndEvent = EventOf<'end'>;

export interface ClosingOptions {
  readonly paint: Paint;
  readonly mask: (text: string) => string;
  /** Width of the terminal; undefined: not a terminal, addresses stay in the table. */
  readonly columns?: number | undefined;
}

/**
 * After `up`: a line per service with its address (passwords hidden), the names of the exports, the slowest steps.
 * After `down`: the number of removed objects and the names of removed data.
 */
export function closingText(progress: Progress, end: EndEvent, options: ClosingOptions): string {
  return end.command === 'up' ? upText(progress, end, options) : downText(progress, options);
}

function upText(progress: Progress, end: EndEvent, style: ClosingOptions): string {
  const rows = serviceRows(progress, end, style);
  const exports = folded('exports', Object.keys(end.exports), style);
  const hint = exports === '' ? '' : style.paint.dim(`${' '.repeat(label)}values: envctl env ${end.instance}\n`);
  const slowest = folded('slowest', end.slowest.map(slowStep), style);
  return [rows.length > 0 ? servicesText(rows, style) : '', exports + hint + slowest]
    .filter((part) => part !== '')
    .join('\n');
}

type ServiceRow = readonly [name: string, kind: string, state: string, after: string, address: string];
const headers: ServiceRow = ['SERVICE', 'KIND', 'STATE', 'AFTER', 'ADDRESS'];

/** In start order, followed by services that this command did not touch. */
function serviceRows({ services }: Progress, end: EndEvent, style: ClosingOptions): readonly ServiceRow[] {
  const connections = new Map(end.connections.map((connection) => [connection.service, connection]));
  const touched = services.map(({ name, kind, reused, doing, tookMs }): ServiceRow => {
    const state = reused ? 'reused' : shown(doing.replace(/^ready \(.*\)$/, 'ready'), style);
    return [name, kind, state, tookMs === null ? '' : formatDuration(tookMs), addressOf(connections.get(name), style)];
  });
  const others = end.connections.filter(({ service }) => !services.some(({ name }) => name === service));
  return [
    ...touched,
    ...others.map(
      (connection): ServiceRow => [connection.service, connection.kind, '', '', addressOf(connection, style)],
    ),
  ];
}

function addressOf(connection: Connection | undefined, style: ClosingOptions): string {
  const outside = connection?.outside;
  if (!outside) return '-';
  const address = outside.url ?? (outside.port === null ? '-' : `${outside.host}:${outside.port}`);
  const others = (connection?.urls.length ?? 0) - 1;
  return shown(others > 0 ? `${address} and ${others} more` : address, style);
}

/** A table; if it is too wide without the kinds; else with the whole address below each service, for copying. */
function servicesText(rows: readonly ServiceRow[], { paint, columns }: ClosingOptions): string {
  const cells = [headers, ...rows];
  const withoutKind = cells.map((row) => row.toSpliced(1, 1));
  const [fitting] = [cells, withoutKind].filter((lines) => columns === undefined || tableWidth(lines) <= columns);
  if (fitting !== undefined) return table(fitting.slice(1), { headers: fitting[0] ?? [], columns, paint });
  const withoutAddress = rows.map((row) => row.slice(0, -1));
  const [top, ...lines] = table(withoutAddress, { headers: headers.slice(0, -1), columns, paint }).split('\n');
  const stacked = rows.flatMap(([, , , , address], index) => [
    lines[index],
    ...(address === '-' ? [] : [`  ${paint.cyan(address)}`]),
  ]);
  return [top, ...stacked].map((line) => `${line}\n`).join('');
}

function slowStep({ service, step, ms }: EndEvent['slowest'][number]): string {
  return `${service === null ? '' : `${service} `}${step} ${formatDuration(ms)}`;
}

const label = 11;

/** `title      a, b, c`, wrapped at the width of the terminal; empty if there are no words. */
function folded(title: string, words: readonly string[], style: ClosingOptions): string {
  const lines: string[] = [];
  for (const [index, word] of words.entries()) {
    const text = shown(index < words.length - 1 ? `${word},` : word, style);
    const last = lines.at(-1);
    if (last !== undefined && label + width(`${last} ${text}`) <= (style.columns ?? 100))
      lines[lines.length - 1] = `${last} ${text}`;
    else lines.push(text);
  }
  return lines.map((line, index) => `${(index === 0 ? title : '').padEnd(label)}${line}\n`).join('');
}

function downText({ removed }: Progress, style: ClosingOptions): string {
  const data = removed.filter(({ what }) => isData(what)).map(({ name, what }) => `${name} (${what})`);
  const others = new Map<string, number>();
  for (const { what } of removed) if (!isData(what)) others.set(what, (others.get(what) ?? 0) + 1);
  const counts = [...others].map(([what, number]) => `${number} ${what}${number === 1 ? '' : 's'}`);
  return (
    folded('removed', counts, style) +
    data.map((name, index) => folded(index === 0 ? 'deleted' : '', [name], style)).join('')
  );
}

function isData(what: string): boolean {
  return /\b(?:data|volume|store)\b/i.test(what);
}

function shown(text: string, { mask }: ClosingOptions): string {
  return oneLine(mask(text));
}
