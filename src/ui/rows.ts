/** The lines of the live list, cut to the width of the terminal. Pure. */
import { formatDuration } from '../model/durations.js';
import type { Paint } from './color.js';
import type { Progress, ServiceProgress } from './progress.js';
import { isOver } from './progress.js';
import { cut, oneLine, pad, width } from './text.js';

export interface RowOptions {
  /** Maximum columns of a row. */
  readonly columns: number;
  /** In ms of the clock. */
  readonly now: number;
  readonly paint: Paint;
  readonly mask: (text: string) => string;
}

/** Below this width rows show the short form. */
const narrow = 60;

/** `up shop-1a2b3c  3 of 8 ready, creating  2.1s`; at the end the result. */
export function headerRow(progress: Progress, { columns, now, paint, mask }: RowOptions): string {
  const { services } = progress;
  if (progress.since === null && progress.doing !== '') return paint.bold(cut(oneLine(mask(progress.doing)), columns));
  const over = services.filter(({ phase }) => phase === 'done').length;
  const counted = progress.command === 'up' && services.length > 0 ? `${over} of ${services.length} ready` : '';
  const state = [counted, progress.doing].filter((part) => part !== '').join(', ');
  const time = progress.since === null ? '' : `  ${formatDuration(now - progress.since)}`;
  const name = cut(`${progress.command} ${progress.instance}`, columns);
  const text = cut(oneLine(mask(state)), columns - width(name) - width(time) - 2);
  const shownTime = width(name) + width(time) > columns ? '' : paint.dim(time);
  return `${paint.bold(name)}${text === '' ? '' : `  ${text}`}${shownTime}`;
}

/** `db        waiting for postgres: connection refused  3.2s`. */
export function serviceRow(
  service: ServiceProgress,
  all: readonly ServiceProgress[],
  { columns, now, paint, mask }: RowOptions,
): string {
  const nameColumns = Math.min(
    Math.max(...all.map(({ name }) => width(name))),
    Math.max(8, Math.floor(columns * 0.45)),
  );
  const time = timeOf(service, now);
  const room = columns - nameColumns - 2 - (time === '' ? 0 : width(time) + 2);
  const text = cut(oneLine(mask(columns < narrow ? service.brief : service.doing)), room);
  const name = pad(cut(service.name, nameColumns), nameColumns);
  return `${name}  ${painted(service, text, paint)}${time === '' ? '' : `  ${paint.dim(time)}`}`.trimEnd();
}

/** The services that fit, in their order. Failed ones have priority, then active, then pending ones. */
export function visible(services: readonly ServiceProgress[], room: number): readonly ServiceProgress[] {
  if (services.length <= room) return services;
  const byWeight = services.toSorted((a, b) => weight(a) - weight(b));
  const chosen = new Set(byWeight.slice(0, Math.max(0, room)));
  return services.filter((service) => chosen.has(service));
}

function weight({ phase }: ServiceProgress): number {
  return { failed: 0, active: 1, stopped: 2, pending: 3, done: 4 }[phase];
}

function timeOf(service: ServiceProgress, now: number): string {
  if (service.tookMs !== null) return formatDuration(service.tookMs);
  return service.phase === 'active' ? formatDuration(now - service.since) : '';
}

function painted(service: ServiceProgress, text: string, paint: Paint): string {
  if (service.phase === 'failed') return paint.red(text);
  return service.phase === 'active' || isOver(service) ? text : paint.dim(text);
}
