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
export async function benchCli({ images, options, onProject }) {
  const project = makeProject();
  const tidy = () => rmSync(project, { recursive: true, force: true });
  onProject(tidy);
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
    tidy();
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
  console.log(
    `${table([[`ms, median of ${rounds} (least–most)`, ''], ...Object.entries(times).map(([name, all]) => [name, spread(all, whole)])])}\n`,
  );
  const [bare, version, ...rest] = Object.keys(times);
  const results = [
    verdict('envctl --version ≤ 2 × node -e 0', {
      value: median(times[version]) / median(times[bare]),
      limit: 2,
      write: plain,
    }),
  ];
  for (const name of rest)
    results.push(verdict(`${name} < 1000 ms`, { value: median(times[name]), limit: 999, write: whole }));
  return results.every(Boolean);
}

function makeProject() {
  const folder = mkdtempSync(join(tmpdir(), 'envctl-bench-cli-'));
  mkdirSync(join(folder, 'environments'));
  writeFileSync(join(folder, 'environments/wide.yaml'), wide(200));
  writeFileSync(join(folder, 'environments/complete.yaml'), complete(26));
  writeFileSync(join(folder, 'compose.yml'), complete(26));
  return folder;
}

/** Each fourth service a database, the others apps that refer to one and to the app before. */
function wide(count) {
  const service = (index) => {
    if (index % 4 === 0) return `  s${index}: { template: postgres, with: { version: "15" } }\n`;
    const before = index % 4 === 1 ? '' : `    depends_on: [s${index - 1}]\n`;
    return `  s${index}:\n    image: ${image}\n    command: sleep infinity\n    port: 8000\n    environment: { DATABASE_URL: "\${s${index - (index % 4)}.url}", NUMBER: "${index}" }\n${before}`;
  };
  return `services:\n${[...Array(count).keys()].map(service).join('')}`;
}

/** Each service depends on all before it; a profile and a Compose file alike. */
function complete(count) {
  const names = [...Array(count).keys()].map((index) => `s${index}`);
  const service = (name, index) =>
    `  ${name}:\n    image: ${image}\n    command: sleep infinity\n    depends_on: [${names.slice(0, index).join(', ')}]\n`;
  return `services:\n${names.map(service).join('')}`;
}
