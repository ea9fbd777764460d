/** The report of the shop benchmark. */
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { checked } from './command.mjs';
import { root } from './paths.mjs';
import { median, plain, seconds, spread, table, verdict, whole } from './statistics.mjs';

const titles = {
  a: 'a  docker compose up --wait, 5 s healthchecks',
  b: 'b  the same, tuned manually (start_interval)',
  c: 'c  floor: no tool, pre-rendered bodies',
  envctl: '   envctl up',
};

/** Load above which a note says that the machine was not idle. */
const busyLoad = 0.5;

/** Machine and versions, a line each. */
export async function describeMachine(engine) {
  const version = await engine.call('GET', '/version');
  const compose = await checked(
    { argv: ['docker', 'compose', 'version', '--short'], cwd: root, environment: process.env },
    { milliseconds: 20_000 },
  );
  const { version: own } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const [cpu] = cpus();
  const load = loadavg()[0];
  const busy = load > busyLoad ? ' (BUSY: these figures are those of other work too)' : '';
  return {
    machine: `${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${release()}, load ${load.toFixed(1)} before${busy}`,
    versions: `engine ${version.Version}, compose ${compose.stdout.trim()}, node ${process.versions.node}, envctl ${own}`,
  };
}

/** Prints one storage's table, ratios and targets. `runs`: { contender: figures of each round }. Says whether every target is met. */
export function report(storage, runs) {
  const names = Object.keys(titles).filter((key) => good(runs[key]).length > 0);
  const rounds = runs[names[0]]?.length ?? 0;
  console.log(
    `\n## Stores ${storage === 'memory' ? 'in memory (tmpfs)' : 'on disk (volumes)'}, ${rounds} rounds; seconds, median (least–most)\n`,
  );
  const row = (key) => [
    titles[key],
    ...['up', 'exited', 'truly', 'down', 'busy'].map((figure) =>
      spread(
        good(runs[key]).map((run) => run[figure]),
        seconds,
      ),
    ),
  ];
  console.log(table([['', 'up', 'says ready', 'truly ready', 'down', 'processor time of up'], ...names.map(row)]));
  for (const [key, all] of Object.entries(runs))
    if (good(all).length < all.length)
      console.log(`${key} failed in ${all.length - good(all).length} of ${all.length} rounds`);
  if (runs.envctl && !names.includes('envctl')) return false;
  if (!runs.envctl || names.length < 2) return true;
  console.log(
    `\n${table([['envctl ÷', 'up: of medians', 'up: of pairs', 'down: of medians', 'down: of pairs'], ...names.filter((key) => key !== 'envctl').map((key) => ratios(runs, key))])}\n`,
  );
  return targets(runs);
}

function ratios(runs, rival) {
  const cells = ['up', 'down'].flatMap((figure) => [
    plain(ofMedians(runs, rival, figure)),
    spread(pairs(runs, rival, figure), plain),
  ]);
  return [rival, ...cells];
}

/** Rounds that ended well. */
const good = (runs = []) => runs.filter(({ failure }) => failure === undefined);

const middle = (runs, figure) => median(good(runs).map((run) => run[figure]));

const ofMedians = (runs, rival, figure) => middle(runs.envctl, figure) / middle(runs[rival], figure);

/** Rounds in which both ended well. */
function pairs(runs, rival, figure) {
  const both = runs.envctl.map((run, round) => [run, runs[rival][round]]).filter((pair) => good(pair).length === 2);
  return both.length === 0 ? [Number.NaN] : both.map(([mine, theirs]) => mine[figure] / theirs[figure]);
}

function targets(runs) {
  const up = (key) => middle(runs[key], 'up');
  const failed = runs.envctl.length - good(runs.envctl).length;
  const results = [
    verdict(`envctl fails in 0 of ${runs.envctl.length} rounds`, { value: failed, limit: 0, write: whole }),
  ];
  if (good(runs.a).length > 0)
    results.push(verdict('up ≤ 0.40 × a', { value: ofMedians(runs, 'a', 'up'), limit: 0.4 }));
  if (good(runs.b).length > 0)
    results.push(verdict('up ≤ 0.80 × b', { value: ofMedians(runs, 'b', 'up'), limit: 0.8 }));
  if (good(runs.c).length > 0) {
    const limit = 1.2 * up('c') + 400;
    results.push(
      verdict(`up ≤ 1.20 × c + 0.4 s, which is ${seconds(limit)} s`, {
        value: up('envctl'),
        limit,
        write: (ms) => `${seconds(ms)} s`,
      }),
    );
  }
  if (good(runs.a).length > 0)
    results.push(verdict('down ≤ 0.45 × a', { value: ofMedians(runs, 'a', 'down'), limit: 0.45 }));
  return results.every(Boolean);
}
