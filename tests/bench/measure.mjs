/** One contender, up and down once, watched by the prober. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { endAll, timed } from './command.mjs';
import { objectsOf, removeProject } from './engine.mjs';
import { here } from './paths.mjs';
import { untilQuiet, worked } from './processors.mjs';

const proberMs = 240_000;
const settleMs = 3000;

/**
 * Resolves with figures in ms since the process was spawned: `exited` (it exited 0), `truly` (the prober saw everything), `up` (the later
 * of the two), `down`; `seen` by service; `lines` as written. Throws when it fails or leaves something behind, all removed first.
 */
export async function measure(contender, { engine, at, folder, inodes, maxWaitMs }) {
  let release = () => {};
  try {
    const watch = await startProber(contender, { at, folder, everyMs: 50 });
    await untilQuiet(maxWaitMs);
    const before = worked();
    const up = await timed(contender.up);
    if (up.code !== 0) throw failure(contender, 'up', up);
    const { seen, all } = await watch.result;
    const busy = worked() - before;
    release = await inodes.keep(contender.project);
    await untilQuiet(settleMs);
    const down = await timed(contender.down);
    if (down.code !== 0) throw failure(contender, 'down', down);
    const left = await objectsOf(engine, contender.project);
    if (left.length > 0) throw new Error(`${contender.key}: down left ${left.map(({ name }) => name).join(', ')}`);
    const since = (moment) => moment - up.startedAt;
    return {
      exited: since(up.endedAt),
      truly: since(all),
      up: since(Math.max(up.endedAt, all)),
      busy,
      down: down.endedAt - down.startedAt,
      seen: Object.fromEntries(Object.entries(seen).map(([name, moment]) => [name, since(moment)])),
      startedAt: up.startedAt,
      lines: up.lines,
    };
  } finally {
    endAll();
    await removeProject(engine, contender.project);
    release();
  }
}

/** Resolves when the prober watches; `result` resolves with its moments, or rejects when it saw no end within its time. */
export async function startProber({ key, project, questions }, { at, folder, everyMs }) {
  const file = join(folder, `prober-${project}.json`);
  writeFileSync(file, JSON.stringify({ engine: at, project, everyMs, questions }));
  const seen = {};
  let all;
  let watching = () => {};
  const watches = new Promise((resolve) => (watching = resolve));
  const onLine = ({ text }) => {
    const line = text.startsWith('{') ? JSON.parse(text) : {};
    if (line.watching) watching();
    if (line.seen) seen[line.seen] = line.at;
    if (line.all) all = line.all;
  };
  const result = timed(
    { argv: [process.execPath, join(here, 'prober.mjs'), file], cwd: here, environment: process.env },
    { milliseconds: proberMs, onLine },
  ).then((ended) => {
    if (all === undefined)
      throw new Error(
        `${key}: the prober saw only ${Object.keys(seen).join(', ') || 'nothing'} of ${Object.keys(questions).join(', ')}\n${ended.stderr}`,
      );
    return { seen, all };
  });
  result.catch(() => {});
  await Promise.race([watches, result]);
  return { result };
}

const failure = ({ key, project }, verb, { code, stdout, stderr }) =>
  new Error(
    `${key} (${project}): ${verb} ${code === null ? 'did not end in time' : `exit ${code}`}\n${stdout.slice(-3000)}${stderr.slice(-3000)}`,
  );
