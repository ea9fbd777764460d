/** The screen of a person: one live line a service, from `begin` to the end. */
import type { EnvEvent } from '../core/events.js';
import type { Clock } from './clock.js';
import type { Paint } from './color.js';
import type { Progress, ServiceProgress } from './progress.js';
import { advance, isOver, nothingYet } from './progress.js';
import type { OutputStream, Renderer } from './renderer.js';
import type { RowOptions } from './rows.js';
import { headerRow, serviceRow, visible } from './rows.js';
import { oneLine } from './text.js';
import type { List, Outcome, Row } from './tty-list.js';
import { startList } from './tty-list.js';

interface TtyOptions {
  readonly stream: OutputStream;
  readonly mask: (text: string) => string;
  readonly clock: Clock;
  readonly paint: Paint;
}

/** What the renderer remembers. */
interface Screen {
  readonly options: TtyOptions;
  progress: Progress;
  /** The list on screen, or on its way there; null: none, lines are written as they come. */
  list: Promise<List> | null;
  /** `cleared`: a list that went well leaves a line and makes room for the closing table. */
  view: 'live' | 'cleared';
  /** All that has been asked for so far, one after the other. */
  written: Promise<void>;
}

/** Draws a list from `begin` to `end` or `failed`. Never ends the process, hears no signals, and gives the cursor back. */
export function ttyRenderer(options: TtyOptions): Renderer {
  const screen: Screen = { options, progress: nothingYet, list: null, view: 'live', written: Promise.resolve() };
  return {
    emit: (event) => {
      screen.progress = advance(screen.progress, event, options.clock.now());
      show(screen, event);
    },
    close: async () => {
      endList(screen);
      await screen.written;
    },
  };
}

function show(screen: Screen, event: EnvEvent): void {
  const { paint } = screen.options;
  switch (event.type) {
    case 'begin':
      beginList(screen);
      return;
    case 'notice':
      say(screen, paint.dim(`${line(screen, event.text)}`));
      return;
    case 'warning':
      say(screen, `${paint.yellow('⚠')} ${line(screen, event.text)}`);
      return;
    case 'substitution':
      say(screen, paint.dim(line(screen, `image ${event.image} is replaced by ${event.by}`)));
      return;
    case 'ready':
      settle(screen, event.service, 'done');
      return;
    case 'failed':
      if (event.error.service !== undefined) settle(screen, event.error.service, 'failed');
      settle(screen, header, 'failed');
      endList(screen);
      return;
    case 'end':
      screen.view = 'cleared';
      settle(screen, header, 'done');
      endList(screen);
      return;
    case 'image':
    case 'step':
    case 'waiting':
    case 'seeding':
    case 'removed':
      return;
    default:
      event satisfies never;
  }
}

/** No service can be called so. */
const header = '';

function beginList(screen: Screen): void {
  endList(screen);
  const { stream, paint, clock } = screen.options;
  const ids = [header, ...screen.progress.services.map(({ name }) => name)];
  const before = screen.written;
  screen.list = before.then(() => {
    screen.view = 'live';
    return startList({ stream, paint, clock, ids, rows: () => rows(screen) });
  });
}

function rows({ options: { stream, clock, paint, mask }, progress, view }: Screen): readonly Row[] {
  // listr2 wraps at the width of stdout, which may be another one or none; two columns are its icon's, two it leaves free.
  const columns = Math.min(stream.columns ?? 80, process.stdout.columns ?? 80) - 4;
  const options: RowOptions = { columns, now: clock.now(), paint, mask };
  const services = view === 'cleared' ? [] : visible(progress.services, (stream.rows ?? 24) - 2);
  return [
    { id: header, title: headerRow(progress, options), state: progress.since === null ? 'over' : 'working' },
    ...services.map((service): Row => ({ id: service.name, title: serviceRow(service, progress.services, options), state: rowState(service) })),
  ];
}

function rowState(service: ServiceProgress): Row['state'] {
  if (isOver(service)) return 'over';
  return service.phase === 'active' ? 'working' : 'waiting';
}

function settle(screen: Screen, id: string, outcome: Outcome): void {
  void screen.list?.then((list) => list.settle(id, outcome));
}

function line({ options: { mask } }: Screen, text: string): string {
  return oneLine(mask(text));
}

function say(screen: Screen, text: string): void {
  if (screen.list === null) screen.options.stream.write(`${text}\n`);
  else void screen.list.then((list) => list.above(text));
}

function endList(screen: Screen): void {
  const { list } = screen;
  if (list === null) return;
  screen.list = null;
  screen.written = list.then((shown) => shown.end());
}
