/** Child processes with a time limit; all of them end when the benchmark is interrupted. */
import { spawn } from 'node:child_process';
import { now } from './wire.mjs';

const live = new Set();
const limitMs = 180_000;

/** Ends every child that still runs, with the processes it started. */
export function endAll() {
  for (const child of live) end(child);
}

/**
 * Runs a command in a process group of its own. Resolves with { code, startedAt, endedAt, stdout, stderr, lines }: times on `now()`'s clock,
 * from just before the process is spawned until it exits; `lines` of both streams with the time each came. code null: it was killed.
 */
export function timed({ argv, cwd, environment }, { milliseconds = limitMs, onLine = () => {} } = {}) {
  return new Promise((resolve, reject) => {
    const [file, ...args] = argv;
    const output = { stdout: '', stderr: '', lines: [] };
    const startedAt = now();
    const child = spawn(file, args, { cwd, env: environment, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    live.add(child);
    const timer = setTimeout(() => end(child), milliseconds);
    let exited = {};
    for (const name of ['stdout', 'stderr']) collect(child[name], name, { output, onLine });
    child.once('error', reject);
    child.once('exit', (code) => (exited = { code, endedAt: now() }));
    child.once('close', () => {
      clearTimeout(timer);
      live.delete(child);
      resolve({ ...exited, startedAt, ...output });
    });
  });
}

/** The same, and an error that shows the command's words when it does not exit 0. */
export async function checked(command, options) {
  const result = await timed(command, options);
  if (result.code === 0) return result;
  throw new Error(
    `${command.argv.join(' ')}: ${result.code === null ? 'did not end in time' : `exit ${result.code}`}\n${result.stdout.slice(-2000)}${result.stderr.slice(-4000)}`,
  );
}

function collect(stream, name, { output, onLine }) {
  let rest = '';
  stream.on('data', (chunk) => {
    output[name] += chunk;
    const lines = (rest + chunk).split('\n');
    rest = lines.pop();
    for (const text of lines) {
      const line = { text, at: now() };
      output.lines.push(line);
      onLine(line);
    }
  });
}

function end(child) {
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has exited already.
  }
}
