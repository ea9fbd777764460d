/**
 * Cold starts of PostgreSQL with an init script that takes 2 s, during which the image's temporary server runs: does the gate open too
 * early, and how long after the truth? Each gate's opening is followed at once by a client's first query, which has one try.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checked } from './command.mjs';
import { ofProject, openEngine, removeProject } from './engine.mjs';
import { startProber } from './measure.mjs';
import { root } from './paths.mjs';
import { median, spread, verdict, whole } from './statistics.mjs';
import { addressOf, postgres, variables } from './wire.mjs';

const profile = `services:
  db:
    template: postgres
    with: { version: "15" }
    volumes: ["./init:/docker-entrypoint-initdb.d:ro"]
`;
const script = `SELECT pg_sleep(2);
CREATE TABLE made_by_init (id integer);
INSERT INTO made_by_init VALUES (1);
`;
const questions = {
  db: {
    kind: 'postgres',
    ready: "SELECT to_regclass('made_by_init') IS NOT NULL",
    holds: 'SELECT count(*) = 1 FROM made_by_init',
  },
};

/** Says whether every first query succeeded and the gate opened within 100 ms of the truth (median). */
export async function benchGates({ images, at, options, onProject, signal }) {
  const engine = openEngine(at);
  const project = makeProject();
  const tidy = () => rmSync(project, { recursive: true, force: true });
  onProject(tidy);
  await import('pg');
  const environment = { ...process.env, ...(images ? { ENVCTL_IMAGES: images } : {}) };
  const envctl = (...words) => ({
    argv: [process.execPath, join(root, 'bin/envctl.js'), ...words],
    cwd: project,
    environment,
  });
  const count = options.rounds ?? 30;
  const results = [];
  try {
    const { instance } = JSON.parse((await checked(envctl('plan', 'pg', '--output', 'json'))).stdout);
    onProject(() => removeProject(engine, instance));
    for (let round = 1; round <= count; round++) {
      signal.throwIfAborted();
      results.push(await coldStart({ engine, at, instance, envctl, folder: project }));
      console.error(`cold start ${round} of ${count}: ${describe(results.at(-1))}`);
    }
  } finally {
    tidy();
  }
  if (options.json) writeFileSync(options.json, JSON.stringify(results, null, 1));
  return judge(results);
}

function makeProject() {
  const folder = mkdtempSync(join(tmpdir(), 'envctl-bench-gates-'));
  mkdirSync(join(folder, 'environments/pg/init'), { recursive: true });
  writeFileSync(join(folder, 'environments/pg/profile.yaml'), profile);
  writeFileSync(join(folder, 'environments/pg/init/slow.sql'), script);
  return folder;
}

/** { late: ms from the prober's first true answer to the gate's opening, problem: why the first query failed, or null, up: ms } */
async function coldStart({ engine, at, instance, envctl, folder }) {
  let first = null;
  const onLine = ({ text, at: moment }) => {
    const event = text.startsWith('{') ? JSON.parse(text) : {};
    if (event.type === 'step' && event.step === 'gate' && event.state === 'done')
      first = { moment, query: firstQuery(engine, instance) };
  };
  try {
    const { result } = await startProber({ key: 'gates', project: instance, questions }, { at, folder, everyMs: 10 });
    const up = await checked(envctl('up', 'pg', '--engine', 'compose', '--ephemeral', '--progress', 'json'), {
      onLine,
    });
    if (first === null) throw new Error('envctl up reported no gate');
    const { all } = await result;
    return { late: first.moment - all, problem: await first.query, up: up.endedAt - up.startedAt };
  } finally {
    await checked(envctl('down', 'pg', '--engine', 'compose', '--progress', 'quiet'));
  }
}

/** null when it succeeded. */
async function firstQuery(engine, instance) {
  try {
    const [{ Id }] = await engine.call('GET', `/containers/json?${ofProject(instance)}`);
    const container = await engine.call('GET', `/containers/${Id}/json`);
    const { POSTGRES_USER: user, POSTGRES_PASSWORD: password, POSTGRES_DB: database } = variables(container);
    const client = await postgres({ ...addressOf(container), user, password, database });
    const { rows } = await client.query('SELECT count(*)::int AS rows FROM made_by_init');
    await client.end();
    return rows[0].rows === 1 ? null : `found ${rows[0].rows} rows`;
  } catch (error) {
    return error.message;
  }
}

const describe = ({ late, problem, up }) =>
  `gate ${whole(late)} ms after the prober, first query ${problem ?? 'good'}, up ${whole(up)} ms`;

function judge(results) {
  const late = results.map((one) => one.late);
  const failed = results.filter(({ problem }) => problem !== null);
  console.log(
    `\n${results.length} cold starts; gate after the prober's first true answer, ms, median (least–most): ${spread(late, whole)}`,
  );
  for (const { problem } of failed) console.log(`first query failed: ${problem}`);
  const good = verdict(`first query after the gate fails 0 times of ${results.length}`, {
    value: failed.length,
    limit: 0,
    write: whole,
  });
  return (
    verdict('gate within 100 ms of the truth, ms', { value: median(late.map(Math.abs)), limit: 100, write: whole }) &&
    good
  );
}
