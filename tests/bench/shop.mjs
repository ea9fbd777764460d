/** Cold `up` and `down` of environments/shop against Docker Compose and against no tool at all, in alternating rounds. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { breakdown } from './breakdown.mjs';
import { openEngine, removeProject } from './engine.mjs';
import { openInodes } from './inodes.mjs';
import { measure } from './measure.mjs';
import { here } from './paths.mjs';
import { downVerb, envctlCommand, floorSpec, questionsOf, render, upVerb } from './render.mjs';
import { describeMachine, report } from './report.mjs';
import { renamed, rival } from './rivals.mjs';
import { seconds } from './statistics.mjs';

const rules = `Timed from the spawn of each process. up: until it has exited 0 AND an independent prober sees every service and the 1,000 rows.
Same images (built and pulled before), commands, flags, storage, order, migration and seed files. Compose's seeds are jobs that app, worker
and beat await with service_completed_successfully: awaited by nobody, they make \`up --wait\` exit 1 when they have finished.
down: a is \`down --volumes\`, b the same with --timeout 0, c removal by id, everything at once.`;

/** Says whether every target was met. */
export async function benchShop({ images, at, options, onProject, signal }) {
  const engine = openEngine(at);
  const folder = mkdtempSync(join(tmpdir(), 'envctl-bench-'));
  const tag = `bench${process.pid}`;
  const machine = await describeMachine(engine);
  console.log(`${machine.machine}\n${machine.versions}\n\n${rules}`);
  const results = {};
  const inodes = await openInodes(engine, tag);
  onProject(() => tidy(engine, { tag, folder, inodes }));
  try {
    for (const storage of options.storages) {
      const contenders = await contendersOf(engine, { images, at, folder, tag, storage, options, onProject });
      results[storage] = await rounds(contenders, { engine, at, folder, inodes, options, signal });
    }
  } finally {
    await tidy(engine, { tag, folder, inodes });
  }
  if (options.json) writeFileSync(options.json, JSON.stringify({ ...machine, results }, null, 1));
  const met = Object.entries(results).map(([storage, runs]) => {
    const good = report(storage, runs);
    if (storage === 'disk' && inodes.why !== null)
      console.log(
        `Files deleted in earlier rounds slowed the later ones (see README.md): they cannot be kept here (${inodes.why}).`,
      );
    if (options.breakdown) breakdown(runs);
    return good;
  });
  return met.every(Boolean);
}

async function contendersOf(engine, { images, at, folder, tag, storage, options, onProject }) {
  console.error(`\nrendering with stores ${storage === 'memory' ? 'in memory' : 'on disk'} …`);
  const instance = tag;
  const rendered = await render(engine, { instance, images, storage, onProject });
  const questions = questionsOf(rendered);
  const compose = (key, files, downOptions) =>
    rival(rendered, { project: `envctl-${tag}-${key}`, files, folder, downOptions });
  const project = `envctl-${tag}-c`;
  const spec = join(folder, `floor-${storage}.json`);
  writeFileSync(spec, JSON.stringify(floorSpec(rendered, { engine: at, project })), { mode: 0o600 });
  const floor = (verb) => ({
    argv: [process.execPath, join(here, 'floor.mjs'), verb, spec],
    cwd: here,
    environment: process.env,
  });
  const envctl = (verb) => envctlCommand(verb, { instance, images });
  const all = [
    {
      key: 'a',
      project: `envctl-${tag}-a`,
      questions: renamed(questions),
      ...(await compose('a', ['docker-compose.yml'], [])),
    },
    {
      key: 'b',
      project: `envctl-${tag}-b`,
      questions: renamed(questions),
      ...(await compose('b', ['docker-compose.yml', 'docker-compose.tuned.yml'], ['--timeout', '0'])),
    },
    { key: 'c', project, questions, up: floor('up'), down: floor('down') },
    { key: 'envctl', project: rendered.id, questions, up: envctl(upVerb(storage)), down: envctl(downVerb) },
  ];
  for (const contender of all) onProject(() => removeProject(engine, contender.project));
  return all.filter(({ key }) => options.only.includes(key));
}

/** A different order in each round, so no contender is always first or always after the same one. */
async function rounds(contenders, { engine, at, folder, inodes, options, signal }) {
  const count = options.rounds ?? 9;
  const runs = Object.fromEntries(contenders.map(({ key }) => [key, []]));
  for (let round = 0; round < count; round++) {
    const first = round % contenders.length;
    for (const contender of [...contenders.slice(first), ...contenders.slice(0, first)]) {
      signal.throwIfAborted();
      const figures = await measure(contender, {
        engine,
        at,
        folder,
        inodes,
        maxWaitMs: options.idleWait * 1000,
      }).catch((error) => {
        signal.throwIfAborted();
        return { failure: error.message };
      });
      runs[contender.key].push(figures);
      const summary =
        figures.failure ??
        `up ${seconds(figures.up)} s  down ${seconds(figures.down)} s  processors ${seconds(figures.busy)} s`;
      console.error(`round ${round + 1} of ${count}  ${contender.key.padEnd(6)}  ${summary}`);
    }
    for (const key of Object.keys(runs)) giveUpOn(runs[key]);
  }
  return runs;
}

/** The report shows single failures; a contender that never succeeds ends the benchmark. */
function giveUpOn(runs) {
  if (runs.length >= 2 && runs.every(({ failure }) => failure)) throw new Error(runs.at(-1).failure);
}

/** Removes the files and the image tag of this benchmark's instance. */
async function tidy(engine, { tag, folder, inodes }) {
  inodes.dispose();
  rmSync(folder, { recursive: true, force: true });
  const images = await engine.call('GET', '/images/json');
  const tags = images.flatMap(({ RepoTags }) => RepoTags ?? []).filter((name) => name.startsWith(`shop-${tag}-`));
  for (const name of tags) await engine.call('DELETE', `/images/${name}?noprune=1`, { accept: [404, 409] });
}
