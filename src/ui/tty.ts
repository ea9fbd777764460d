/** The screen of a person: one live line a service, then the closing table. */
import type { EnvEvent } from '../model/events.js';
import type { Clock } from './clock.js';
import type { Paint } from './color.js';
import type { Progress, ServiceProgress } from './progress.js';
import { advance, isOver, nothingYet } from './progress.js';
import type { OutputStream, Renderer } from './renderer-types.js';
import type { RowOptions } from './rows.js';
import { headerRow, serviceRow, visible } from './rows.js';
import { closingText } from './summary.js';
import { oneLine } from './text.js';
import type { List, Outcome, Row } from './tty-list.js';
import { startList } from './tty-list.js';

interface TtyOptions {
  readonly stream: OutputStream;
  readonly mask: (text: string) => string;
  readonly clock: Clock;
  readonly paint: Paint;
}

/** What one command's list shows; `cleared`: it went well, leaves a line and makes room for the closing table. */
interface Scene {
  progress: Progress;
  view: 'live' | 'cleared';
}

interface Screen {
  readonly options: TtyOptions;
  scene: Scene;
  /** The list on screen, or on its way there; null: none, lines are written as they come. */
  list: Promise<List> | null;
  /** Settles when all that was asked for so far is written. */
  written: Promise<void>;
}

/** Draws a list from `begin` to `end` or `failed`. Never ends the process, hears no signals, and gives the cursor back. */
export function ttyRenderer(options: TtyOptions): Renderer {
  const screen: Screen = {
    options,
    scene: { progress: nothingYet, view: 'live' },
    list: null,
    written: Promise.resolve(),
  };
  return {
    emit: (event) => {
      const progress = advance(screen.scene.progress, event, options.clock.now());
      if (event.type === 'begin') beginList(screen, progress);
      screen.scene.progress = progress;
      show(screen, event);
    },
    close: async () => {
      endList(screen);
      await screen.written;
    },
  };
}

/** Most events only change what the next drawing shows. */
function show(screen: Screen, event: EnvEvent): void {
  const { paint, mask } = screen.options;
  const words = (text: string): string => oneLine(mask(text));
  switch (event.type) {
    case 'notice':
      say(screen, paint.dim(words(event.text)));
      break;
    case 'warning':
      say(screen, `${paint.yellow('⚠')} ${words(event.text)}`);
      break;
    case 'substitution':
      say(screen, paint.dim(words(`image ${event.image} is replaced by ${event.by}`)));
      break;
    case 'step':
    case 'ready':
      settleDone(screen, event.service);
      break;
    case 'removed':
      settleDone(screen, event.name);
      break;
    case 'failed':
      settle(screen, event.error.service ?? header, 'failed');
      settle(screen, header, 'failed');
      endList(screen);
      break;
    case 'end':
      finish(screen, event);
      break;
    case 'begin':
    case 'image':
    case 'waiting':
    case 'seeding':
      break;
    default:
      event satisfies never;
  }
}

/** The id of the row above the services; no service can be called so. */
const header = '';

function beginList(screen: Screen, progress: Progress): void {
  endList(screen);
  const scene: Scene = { progress, view: 'live' };
  const { stream, paint, clock } = screen.options;
  const ids = [header, ...progress.services.map(({ name }) => name)];
  screen.scene = scene;
  screen.list = screen.written.then(() =>
    startList({ stream, paint, clock, ids, rows: () => rowsOf(scene, screen.options) }),
  );
}

function rowsOf({ progress, view }: Scene, { stream, clock, paint, mask }: TtyOptions): readonly Row[] {
  // listr2 wraps at the width of stdout, 80 where that is no terminal: two columns for its icon, two left free, one as it takes some icons for wide.
  const columns = Math.min(stream.columns ?? 80, process.stdout.columns ?? 80) - 5;
  const options: RowOptions = { columns, now: clock.now(), paint, mask };
  const services = view === 'cleared' ? [] : visible(progress.services, (stream.rows ?? 24) - 2);
  return [
    { id: header, title: headerRow(progress, options), state: progress.since === null ? 'over' : 'working' },
    ...services.map(
      (service): Row => ({
        id: service.name,
        title: serviceRow(service, progress.services, options),
        state: stateOf(service),
      }),
    ),
  ];
}

function stateOf(service: ServiceProgress): Row['state'] {
  if (isOver(service)) return 'over';
  return service.phase === 'active' ? 'working' : 'waiting';
}

function settle({ list }: Screen, id: string, outcome: Outcome): void {
  void list?.then((shown) => shown.settle(id, outcome));
}

function settleDone(screen: Screen, name: string | null): void {
  const service = screen.scene.progress.services.find((one) => one.name === name);
  if (service?.phase === 'done') settle(screen, service.name, 'done');
}

function say(screen: Screen, text: string): void {
  const { list, options } = screen;
  if (list !== null) void list.then((shown) => shown.above(text));
  else screen.written = screen.written.then(() => void options.stream.write(`${text}\n`));
}

function endList(screen: Screen): void {
  const { list } = screen;
  if (list === null) return;
  screen.list = null;
  screen.written = list.then((shown) => shown.end());
}

function finish(screen: Screen, event: Extract<EnvEvent, { type: 'end' }>): void {
  const { stream, paint, mask } = screen.options;
  const text = closingText(screen.scene.progress, event, { paint, mask, columns: stream.columns });
  screen.scene.view = 'cleared';
  settle(screen, header, 'done');
  endList(screen);
  screen.written = screen.written.then(() => void stream.write(`\n${text}`));
}
