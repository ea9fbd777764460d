/**
 * The same profile with and without Docker, turn about: cold `up` of one PostgreSQL and of the quickstart, on the compose engine and on the
 * embedded one. Images and the template data directory are there before (one round of each that is not counted).
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checked } from './command.mjs';
import { root } from './paths.mjs';
import { median, plain, seconds, spread, table, verdict } from './statistics.mjs';

const engines = ['compose', 'embedded'];

/** Says whether one PostgreSQL comes up on the embedded engine in a quarter of the time. */
export async function benchEmbedded({ images, options, onProject }) {
  const folder = makeProject();
  const environment = { ...process.env, ...(images ? { ENVCTL_IMAGES: images } : {}) };
  const contenders = [
    { what: 'one PostgreSQL', profile: 'pg', cwd: folder },
    { what: 'quickstart', profile: 'quickstart', cwd: root },
  ];
  const rounds = options.rounds ?? 9;
  const rows = [['cold up, seconds: median (least–most)', ...engines, 'embedded ÷ compose: of medians', 'of pairs']];
  let ratio = Number.POSITIVE_INFINITY;
  try {
    for (const contender of contenders) {
      const times = await alternate(contender, { rounds, environment, onProject });
      const pairs = times.embedded.map((ms, index) => ms / times.compose[index]);
      const ofMedians = median(times.embedded) / median(times.compose);
      if (contender.profile === 'pg') ratio = ofMedians;
      rows.push([
        contender.what,
        ...engines.map((engine) => spread(times[engine], seconds)),
        plain(ofMedians),
        spread(pairs, plain),
      ]);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(`\n${table(rows)}\n`);
  return verdict('one PostgreSQL on the embedded engine ≤ 0.25 × compose', { value: ratio, limit: 0.25 });
}

function makeProject() {
  const folder = mkdtempSync(join(tmpdir(), 'envctl-bench-embedded-'));
  mkdirSync(join(folder, 'environments'));
  writeFileSync(join(folder, 'environments/pg.yaml'), 'services:\n  db: { template: postgres }\n');
  return folder;
}

/** { compose: ms[], embedded: ms[] }, the first of each pair changing from round to round. */
async function alternate({ profile, cwd, what }, { rounds, environment, onProject }) {
  const times = { compose: [], embedded: [] };
  const call = (verb, engine) => ({
    argv: [
      process.execPath,
      join(root, 'bin/envctl.js'),
      verb,
      profile,
      '-i',
      'bench',
      '--engine',
      engine,
      '--progress',
      'quiet',
      ...(verb === 'up' ? ['--ephemeral'] : []),
    ],
    cwd,
    environment,
  });
  for (const engine of engines) onProject(() => checked(call('down', engine)));
  for (let round = 0; round <= rounds; round++) {
    for (const engine of round % 2 === 0 ? engines : [...engines].reverse()) {
      const { startedAt, endedAt } = await checked(call('up', engine));
      await checked(call('down', engine));
      if (round > 0) times[engine].push(endedAt - startedAt);
    }
    if (round > 0)
      console.error(
        `${what}, round ${round} of ${rounds}: ${engines.map((engine) => `${engine} ${seconds(times[engine].at(-1))} s`).join('  ')}`,
      );
  }
  return times;
}
