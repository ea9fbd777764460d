#!/usr/bin/env node
// Makes a machine able to run the Docker tests, or says in one sentence why it cannot. See README.md.
// Progress goes to stderr; the last line on stdout is the answer as JSON. It exits 0 even if Docker is not available.
import { request } from 'node:https';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { imageCount, missingImages, run, say } from './images.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const officialRegistry = 'https://registry-1.docker.io/v2/';

const answer = (docker, images, reason) => ({ docker, images, reason });
const unavailable = (reason) => answer(false, null, reason);
const standIns = (reason) => answer(true, join(here, 'images.yaml'), reason);
const forbidden = () => process.env.ENVCTL_LAB === '0';

/**
 * Resolves with { docker, images, reason }.
 * docker: whether Docker tests can run. images: the substitution file to use, null if the real images can be pulled.
 * reason: null, or one sentence about what is missing.
 */
export async function setup({ registry = officialRegistry } = {}) {
  // Asked at once: on a machine that is ready these three are all there is to do.
  let [engine, online, missing] = await Promise.all([engineAnswers(), reachable(registry), missingImages()]);
  if (!engine) {
    const problem = await installEngine();
    if (problem) return unavailable(problem);
    missing = await missingImages();
  }
  if (online) return answer(true, null, null);
  return missing.length === 0 ? standIns(null) : makeStandIns(missing.map((image) => image.name));
}

async function engineAnswers() {
  const calls = [
    ['version', '--format', '{{.Server.Version}}'],
    ['compose', 'version'],
  ];
  const results = await Promise.all(calls.map((args) => run('docker', args, { seconds: 10 })));
  return results.every((result) => result.code === 0);
}

// engine.sh judges whether this machine allows it; its last line is the sentence to pass on.
async function installEngine() {
  if (process.platform !== 'linux') return 'no Docker Engine with Compose answers, and one is installed on Debian only';
  const { code, all } = await run('bash', [join(here, 'engine.sh')], { seconds: 900, echo: true });
  if (code === 0 && (await engineAnswers())) return null;
  return lastSentence(all) || `engine.sh failed with exit code ${code}`;
}

async function makeStandIns(names) {
  if (forbidden())
    return unavailable(
      `no registry is reachable, and ENVCTL_LAB=0 forbids making the stand-in images: ${names.join(', ')}`,
    );
  const { failed, problem } = await makeUnderLock();
  if (problem) return unavailable(`no registry is reachable, and the stand-in images could not be made: ${problem}`);
  if (failed.length === 0) return standIns(null);
  const reason = `no registry is reachable, and these stand-in images could not be made: ${failed.join(', ')}`;
  return failed.length === imageCount ? unavailable(reason) : standIns(reason);
}

// Test runs that start together make each image once: who waits for the lock then finds nothing missing.
async function makeUnderLock() {
  const lock = `/tmp/envctl-lab-${userInfo().uid}.lock`;
  const args = ['--timeout', '1200', lock, process.execPath, join(here, 'images.mjs')];
  const { code, out, all } = await run('flock', args, { seconds: 2400, echo: true });
  return code === 0 ? { failed: JSON.parse(out) } : { problem: lastSentence(all) || `exit code ${code}` };
}

/** Whether a registry answers within three seconds, with any status. */
export function reachable(url, milliseconds = 3000) {
  return new Promise((resolve) => {
    const settle = (value) => {
      clearTimeout(timer);
      call.destroy();
      resolve(value);
    };
    const call = request(url, { method: 'HEAD', agent: false }, () => settle(true));
    const timer = setTimeout(() => settle(false), milliseconds);
    call.on('error', () => settle(false)).end();
  });
}

const lastSentence = (text) =>
  text
    .trim()
    .split('\n')
    .at(-1)
    .replace(/^lab: /, '');

function summary({ docker, images, reason }) {
  const state = !docker ? 'no Docker tests' : images ? 'ready, with stand-in images' : 'ready, with the real images';
  return reason ? `${state}: ${reason}` : state;
}

async function main() {
  const start = performance.now();
  const result = await setup();
  say(`${summary(result)} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
  process.stdout.write(`${JSON.stringify(result)}\n`);
  process.exit(0); // a name look-up without an answer would hold the process beyond the three seconds
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main();
