/** The screen for people: one live line per service, then the summary. */
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
import type { List, ListRow, Outcome } from './tty-list.js';
import { startList } from './tty-list.js';

interface TtyOptions {
  readonly stream: OutputStream;
  readonly mask: (text: string) => string;
  readonly clock: Clock;
  readonly paint: Paint;
}

/** The content of the list; `cleared`: the command succeeded and only the header stays. */
interface Scene {
  progress: Progress;
  view: 'live' | 'cleared';
}

interface TtyScreen {
  readonly options: TtyOptions;
  scene: Scene;
  /** The list, once it is requested; null: lines are written directly. */
  list: Promise<List> | null;
  /** Resolves when all output so far is written. */
  written: Promise<void>;
}

/** Draws a list from `begin` to `end` or `failed`. Handles no signals and restores the cursor. */
export function ttyRenderer(options: TtyOptions): Renderer {
  const screen: TtyScreen = {
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

/** Most events only change the next frame. */
function show(screen: TtyScreen, event: EnvEvent): void {
  const { paint, mask } = screen.options;
  const line = (text: string): string => oneLine(mask(text));
  switch (event.type) {
    case 'notice':
      writeLine(screen, paint.dim(line(event.text)));
      break;
    case 'warning':
      writeLine(screen, `${paint.yellow('⚠')} ${line(event.text)}`);
      break;
    case 'substitution':
      writeLine(screen, paint.dim(line(`image ${event.image} is replaced by ${event.by}`)));
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

/** The id of the row above the services; no service can have an empty name. */
const header = '';

function beginList(screen: TtyScreen, progress: Progress): void {
  endList(screen);
  const scene: Scene = { progress, view: 'live' };
  const { stream, paint, clock } = screen.options;
  const ids = [header, ...progress.services.map(({ name }) => name)];
  screen.scene = scene;
  screen.list = screen.written.then(() =>
    startList({ stream, paint, clock, ids, rows: () => rowsOf(scene, screen.options) }),
  );
}

function rowsOf({ progress, view }: Scene, { stream, clock, paint, mask }: TtyOptions): readonly ListRow[] {
  // listr2 wraps at the width of stdout (80 if it is no terminal). Reserve two columns for its icon, two as a margin,
  // and one because it counts some icons as wide.
  const columns = Math.min(stream.columns ?? 80, process.stdout.columns ?? 80) - 5;
  const options: RowOptions = { columns, now: clock.now(), paint, mask };
  const services = view === 'cleared' ? [] : visible(progress.services, (stream.rows ?? 24) - 2);
  return [
    { id: header, title: headerRow(progress, options), state: progress.since === null ? 'ended' : 'working' },
    ...services.map(
      (service): ListRow => ({
        id: service.name,
        title: serviceRow(service, progress.services, options),
        state: stateOf(service),
      }),
    ),
  ];
}

function stateOf(service: ServiceProgress): ListRow['state'] {
  if (isOver(service)) return 'ended';
  return service.phase === 'active' ? 'working' : 'waiting';
}

function settle({ list }: TtyScreen, id: string, outcome: Outcome): void {
  void list?.then((shown) => shown.settle(id, outcome));
}

function settleDone(screen: TtyScreen, name: string | null): void {
  const service = screen.scene.progress.services.find((one) => one.name === name);
  if (service?.phase === 'done') settle(screen, service.name, 'done');
}

function writeLine(screen: TtyScreen, text: string): void {
  const { list, options } = screen;
  if (list !== null) void list.then((shown) => shown.above(text));
  else screen.written = screen.written.then(() => void options.stream.write(`${text}\n`));
}

function endList(screen: TtyScreen): void {
  const { list } = screen;
  if (list === null) return;
  screen.list = null;
  screen.written = list.then((shown) => shown.end());
}

function finish(screen: TtyScreen, event: Extract<EnvEvent, { type: 'end' }>): void {
  const { stream, paint, mask } = screen.options;
  const text = closingText(screen.scene.progress, event, { paint, mask, columns: stream.columns });
  screen.scene.view = 'cleared';
  settle(screen, header, 'done');
  endList(screen);
  screen.written = screen.written.then(() => void stream.write(`\n${text}`));
}
