#!/usr/bin/env node
/**
 * `npm start` and `npm stop` in a fresh clone: installs and builds what is missing, then brings the quickstart environment
 * up or down. Uses Node's own modules only, because nothing may be installed yet.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const [verb = 'up'] = process.argv.slice(2);
const next = `
Try next:
  npx envctl status quickstart                     services and their readiness
  npx envctl run quickstart -- node --test environments/quickstart/smoke/
  npx envctl logs quickstart app --follow          the log of the app; npm stop removes everything`;

prepare();
const code = run(process.execPath, [join(root, 'bin/envctl.js'), verb, 'quickstart', ...process.argv.slice(3)]);
if (code === 0 && verb === 'up') console.log(next);
process.exit(code);

function prepare() {
  if (!existsSync(join(root, 'node_modules/.package-lock.json')))
    must('npm', ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund']);
  const built = join(root, 'dist/cli/main.js');
  if (!existsSync(built) || newest(join(root, 'src')) > statSync(built).mtimeMs)
    must('npm', ['run', '--silent', 'build']);
}

/** Time of the latest change in a folder, ms since the epoch. */
function newest(folder) {
  return Math.max(
    0,
    ...readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => statSync(join(entry.parentPath ?? entry.path, entry.name)).mtimeMs),
  );
}

function must(command, args) {
  const code = run(command, args);
  if (code !== 0) process.exit(code);
}

/** npm is a script on Windows, which needs a shell to be found. */
function run(command, args) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32' && command === 'npm',
  });
  if (error) console.error(`${command} could not be started: ${error.message}`);
  return status ?? 1;
}
