#!/usr/bin/env node
/** `npm run bench`: builds if the source is newer, sets up the lab, runs one benchmark. See README.md. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setup } from '../lab/setup.mjs';
import { endAll } from './command.mjs';
import { findEngine } from './engine.mjs';
import { readOptions } from './options.mjs';
import { root } from './paths.mjs';

const benchmarks = {
  shop: async () => (await import('./shop.mjs')).benchShop,
  gates: async () => (await import('./gates.mjs')).benchGates,
  cli: async () => (await import('./cli.mjs')).benchCli,
  embedded: async () => (await import('./embedded.mjs')).benchEmbedded,
};

const options = readOptions(process.argv.slice(2));
const cleanups = [];
const interruption = new AbortController();
process.once('SIGINT', () => interrupted(130));
process.once('SIGTERM', () => interrupted(143));

build();
const lab = await setup();
if (!lab.docker) stop(`no benchmark: ${lab.reason}`);
const images = process.env.ENVCTL_IMAGES ?? lab.images;
const benchmark = await benchmarks[options.what]();
try {
  const met = await benchmark({
    images,
    at: findEngine(),
    options,
    signal: interruption.signal,
    onProject: (remove) => cleanups.push(remove),
  });
  process.exit(options.strict && !met ? 1 : 0);
} catch (error) {
  if (interruption.signal.aborted) await new Promise(() => {}); // the clean-up ends the process
  stop(error instanceof Error ? error.message : String(error));
}

function build() {
  const built = join(root, 'dist/cli/main.js');
  const newest = Math.max(
    ...readdirSync(join(root, 'src'), { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => statSync(join(entry.parentPath ?? entry.path, entry.name)).mtimeMs),
  );
  if (existsSync(built) && statSync(built).mtimeMs >= newest) return;
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) stop('npm run build failed');
}

/** Takes down everything, the latest first; twice, because a Compose without its parent may still be creating. */
async function interrupted(code) {
  interruption.abort(new Error('interrupted'));
  endAll();
  const limit = setTimeout(() => process.exit(code), 30_000);
  for (const _ of ['now', 'again']) {
    for (const remove of cleanups.toReversed()) await Promise.resolve(remove()).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  clearTimeout(limit);
  process.exit(code);
}

function stop(message) {
  console.error(message);
  process.exit(1);
}
