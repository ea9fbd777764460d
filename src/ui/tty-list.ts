/**
 * The live list, drawn by listr2. listr2 shows and owns nothing: its tasks wait for what `settle` says, it neither ends the process nor
 * hears signals, and it draws on the given stream only, leaving this process's stdout and stderr alone.
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

/** How a row looks now. A row that is `over` keeps the icon that `settle` gave it. */
export interface Row {
  readonly id: string;
  readonly title: string;
  readonly state: 'waiting' | 'working' | 'over';
}

export type Outcome = 'done' | 'failed' | 'stopped';

export interface ListOptions {
  readonly stream: OutputStream;
  readonly paint: Paint;
  readonly clock: Clock;
  /** Every row there will ever be, in order. */
  readonly ids: readonly string[];
  /** The rows to show at this moment; asked before each drawing. What it gives last stays on the screen. */
  readonly rows: () => readonly Row[];
}

export interface List {
  settle(id: string, outcome: Outcome): void;
  /** Writes a line that stays, above the list. */
  above(line: string): void;
  /** Ends the list, rows that are left being `stopped`; settles when the terminal is given back. */
  end(): Promise<void>;
}

type Listr2 = typeof import('listr2');

interface Board {
  readonly listr2: Listr2;
  readonly options: ListOptions;
  readonly tasks: Map<string, ListrDefaultRendererTask>;
  /** The tasks that listr2 draws: rows that do not fit the terminal are taken out of its sight. */
  readonly shown: ListrDefaultRendererTask[];
  readonly endings: ReadonlyMap<string, Ending>;
  readonly spinner: InstanceType<Listr2['Spinner']>;
  /** Shows what the rows say now. */
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
  const kept: string[] = [];
  const run = new listr2.Listr(
    options.ids.map((id) => task(board, id)),
    {
      concurrent: true,
      exitOnError: false,
      registerSignalListeners: false,
      renderer: drawing(board),
      rendererOptions: look(board, await listOutput(options.stream, kept)),
    },
  ).run();
  return {
    settle: (id, outcome) => endings.get(id)?.settle(outcome),
    above: (line) => void kept.push(`${line}\n`),
    end: async () => {
      for (const { settle } of endings.values()) settle('stopped');
      await run;
      options.stream.write(kept.splice(0).join(''));
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
      // The last title has to stand before listr2 hears of the end: it draws such a row once and keeps it.
      refresh(board);
      wrapper.task.state = board.listr2.ListrTaskState.STARTED;
      if (outcome === 'failed') throw new Error(id);
      if (outcome === 'stopped') wrapper.skip(wrapper.title);
    },
  };
}

/** Takes over what the rows say now. Written to the fields themselves: the setters would draw at each of them. */
function refresh({ listr2: { ListrTaskState }, options, tasks, shown }: Board): void {
  const rows = options.rows();
  for (const { id, title, state } of rows) {
    const task = tasks.get(id);
    if (task === undefined || task.hasFinalized()) continue;
    task.title = title;
    if (state !== 'over') task.state = state === 'working' ? ListrTaskState.STARTED : ListrTaskState.WAITING;
  }
  shown.splice(0, shown.length, ...rows.flatMap(({ id }) => tasks.get(id) ?? []));
}

/** listr2's own renderer, given a choice of rows, frames of ours, and leave to draw though stdout is a pipe. listr2 calls it with `new`. */
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
