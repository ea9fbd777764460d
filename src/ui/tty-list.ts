/**
 * The live list, drawn by listr2. listr2 only draws: its tasks wait for `settle`, it neither ends the process nor
 * handles signals, and it writes to the given stream, not to the stdout and stderr of this process.
 */
import type {
  DefaultRenderer,
  ListrDefaultRendererLogLevels,
  ListrDefaultRendererOptions,
  ListrDefaultRendererTask,
  ListrTask,
  ProcessOutput,
} from 'listr2';
import type { Clock } from './clock.js';
import type { Paint } from './color.js';
import type { OutputStream } from './renderer-types.js';
import { listOutput } from './tty-output.js';

/** One line of the list. A row that has `ended` keeps the icon of its outcome. */
export interface ListRow {
  readonly id: string;
  readonly title: string;
  readonly state: 'waiting' | 'working' | 'ended';
}

export type Outcome = 'done' | 'failed' | 'stopped';

export interface ListOptions {
  readonly stream: OutputStream;
  readonly paint: Paint;
  readonly clock: Clock;
  /** All rows that can appear, in order. */
  readonly ids: readonly string[];
  /** The rows to show now, called before each frame. The last result stays on the screen. */
  readonly rows: () => readonly ListRow[];
}

export interface List {
  settle(id: string, outcome: Outcome): void;
  /** Writes a permanent line above the list. */
  above(line: string): void;
  /** Ends the list; unsettled rows become `stopped`. Resolves when the terminal is restored. */
  end(): Promise<void>;
}

type Listr2 = typeof import('listr2');

interface Board {
  readonly listr2: Listr2;
  readonly options: ListOptions;
  readonly tasks: Map<string, ListrDefaultRendererTask>;
  /** The tasks that listr2 draws: only the rows that fit the terminal. */
  readonly shown: ListrDefaultRendererTask[];
  readonly endings: ReadonlyMap<string, Ending>;
  readonly spinner: InstanceType<Listr2['Spinner']>;
  /** Draws the current rows. */
  draw: () => void;
}

const frameMs = 100;

/** Loads listr2 and starts drawing. */
export async function startList(options: ListOptions): Promise<List> {
  const listr2 = await import('listr2');
  const endings = new Map(options.ids.map((id) => [id, ending()]));
  const board: Board = {
    listr2,
    options,
    tasks: new Map(),
    shown: [],
    endings,
    spinner: new listr2.Spinner(),
    draw: () => {},
  };
  const above: string[] = [];
  const run = new listr2.Listr(
    options.ids.map((id) => task(board, id)),
    {
      concurrent: true,
      exitOnError: false,
      registerSignalListeners: false,
      renderer: drawing(board),
      rendererOptions: look(board, await listOutput(options.stream, above)),
    },
  ).run();
  return {
    settle: (id, outcome) => endings.get(id)?.settle(outcome),
    above: (line) => void above.push(`${line}\n`),
    end: async () => {
      for (const { settle } of endings.values()) settle('stopped');
      await run;
      options.stream.write(above.splice(0).join(''));
    },
  };
}

interface Ending {
  readonly outcome: Promise<Outcome>;
  readonly settle: (outcome: Outcome) => void;
}

function ending(): Ending {
  let settle: Ending['settle'] = () => {};
  const outcome = new Promise<Outcome>((resolve) => {
    settle = resolve;
  });
  return { outcome, settle };
}

function task(board: Board, id: string): ListrTask<unknown, typeof DefaultRenderer, typeof DefaultRenderer> {
  return {
    title: id,
    task: async (_context, wrapper) => {
      board.tasks.set(id, wrapper.task);
      if (board.tasks.size === board.options.ids.length) board.draw();
      const outcome = await board.endings.get(id)?.outcome;
      // Set the last title first: listr2 draws a finished row once and keeps it.
      refresh(board);
      wrapper.task.state = board.listr2.ListrTaskState.STARTED;
      if (outcome === 'failed') throw new Error(id);
      if (outcome === 'stopped') wrapper.skip(wrapper.title);
    },
  };
}

/** Copies the current rows to the tasks. Writes the fields directly, because each setter would draw a frame. */
function refresh({ listr2: { ListrTaskState }, options, tasks, shown }: Board): void {
  const rows = options.rows();
  for (const { id, title, state } of rows) {
    const task = tasks.get(id);
    if (task === undefined || task.hasFinalized()) continue;
    task.title = title;
    if (state !== 'ended') task.state = state === 'working' ? ListrTaskState.STARTED : ListrTaskState.WAITING;
  }
  shown.splice(0, shown.length, ...rows.flatMap(({ id }) => tasks.get(id) ?? []));
}

/** The default renderer with our rows and frames, also if stdout is a pipe. listr2 calls it with `new`. */
function drawing(board: Board): typeof DefaultRenderer {
  function Drawing(
    _tasks: unknown,
    ...rest: [ListrDefaultRendererOptions, ConstructorParameters<typeof DefaultRenderer>[2]]
  ) {
    const renderer = new board.listr2.DefaultRenderer(board.shown, ...rest);
    let stop = (): void => {};
    board.draw = () => {
      refresh(board);
      renderer.update();
    };
    const frame = (): void => {
      board.spinner.spin();
      board.draw();
      stop = board.options.clock.after(frameMs, frame);
    };
    const end = (): void => {
      stop();
      refresh(board);
      renderer.end();
    };
    return { render: () => renderer.render().then(frame), end };
  }
  return Object.assign(Drawing, {
    nonTTY: true,
    rendererOptions: {},
    rendererTaskOptions: {},
  }) as unknown as typeof DefaultRenderer;
}

function look(
  { listr2, spinner, options: { paint } }: Board,
  processOutput: ProcessOutput,
): ListrDefaultRendererOptions {
  const level = listr2.ListrDefaultRendererLogLevels;
  return {
    lazy: true,
    showErrorMessage: false,
    logger: new listr2.ListrLogger<ListrDefaultRendererLogLevels>({ useIcons: true, toStderr: [], processOutput }),
    icon: { [level.PENDING]: () => spinner.fetch(), [level.SKIPPED_WITH_COLLAPSE]: listr2.figures.squareSmallFilled },
    color: {
      [level.PENDING]: (icon = '') => paint.yellow(icon),
      [level.COMPLETED]: (icon = '') => paint.green(icon),
      [level.FAILED]: (icon = '') => paint.red(icon),
      [level.WAITING]: (icon = '') => paint.dim(icon),
      [level.SKIPPED_WITH_COLLAPSE]: (icon = '') => paint.dim(icon),
    },
  };
}
