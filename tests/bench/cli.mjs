/** How long envctl's commands take that touch no container: a bare start, and planning and checking of large profiles. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checked } from './command.mjs';
import { root } from './paths.mjs';
import { median, plain, spread, table, verdict, whole } from './statistics.mjs';

const cli = join(root, 'bin/envctl.js');
const image = 'debian:bookworm-slim';

/** Says whether every target was met. */
export async function benchCli({ images, options }) {
  const project = makeProject();
  const environment = { ...process.env, ...(images ? { ENVCTL_IMAGES: images } : {}) };
  const rounds = options.rounds ?? 20;
  const command = (...argv) => ({ argv: [process.execPath, ...argv], cwd: project, environment });
  const commands = {
    'node -e 0': command('-e', '0'),
    'envctl --version': command(cli, '--version'),
    'plan of 200 services': command(cli, 'plan', 'wide'),
    'config -q of 200 services': command(cli, 'config', 'wide', '-q'),
    'plan of 26 services, complete graph': command(cli, 'plan', 'complete'),
    'config -q of the same': command(cli, 'config', 'complete', '-q'),
    'plan of the same as a Compose file': command(cli, 'plan', '-f', 'compose.yml'),
    'config -q of the same as a Compose file': command(cli, 'config', '-f', 'compose.yml', '-q'),
  };
  try {
    const times = await measure(commands, rounds);
    if (options.json) writeFileSync(options.json, JSON.stringify(times, null, 1));
    return judge(times, rounds);
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
}

/** Commands take turns, so that a busy moment of the machine meets all of them. */
async function measure(commands, rounds) {
  const times = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, command] of Object.entries(commands)) {
      const { startedAt, endedAt } = await checked(command, { milliseconds: 60_000 });
      times[name].push(endedAt - startedAt);
    }
  }
  return times;
}

function judge(times, rounds) {
  console.log(`${table([[`ms, median of ${rounds} (least–most)`, ''], ...Object.entries(times).map(([name, all]) => [name, spread(all, whole)])])}\n`);
  const [bare, version, ...rest] = Object.keys(times);
  const results = [verdict('envctl --version ≤ 2 × node -e 0', { value: median(times[version]) / median(times[bare]), limit: 2, write: plain })];
  for (const name of rest) results.push(verdict(`${name} < 1000 ms`, { value: median(times[name]), limit: 999, write: whole }));
  return results.every(Boolean);
}

function makeProject() {
  const folder = mkdtempSync(join(tmpdir(), 'envctl-bench-cli-'));
  mkdirSync(join(folder, 'environments'));
  writeFileSync(join(folder, 'environments/wide.yaml'), servicesOf(200, (index) => (index === 0 ? [] : [Math.floor((index - 1) / 2)])));
  const complete = servicesOf(26, (index) => [...Array(index).keys()]);
  writeFileSync(join(folder, 'environments/complete.yaml'), complete);
  writeFileSync(join(folder, 'compose.yml'), complete);
  return folder;
}

/** A profile that is a Compose file too; `needs` says which earlier services one depends on. */
function servicesOf(count, needs) {
  const lines = [...Array(count).keys()].map((index) => {
    const on = needs(index).map((other) => `s${other}`);
    return `  s${index}:\n    image: ${image}\n    command: sleep infinity\n    environment: { NUMBER: "${index}" }\n    depends_on: [${on.join(', ')}]\n`;
  });
  return `services:\n${lines.join('')}`;
}
