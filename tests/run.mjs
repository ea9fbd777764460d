#!/usr/bin/env node
/**
 * `npm test` on a bare machine: installs the dependencies, builds, sets up the lab if possible, runs all tests, and prints
 * their counts on the last line. Without an engine, the tests that need one are listed and counted as skipped; in CI that
 * is a failure.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

/** Runs a step; exits if it fails. */
function step(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status === 0) return;
  console.error(`${command} ${args.join(' ')} failed${error ? `: ${error.message}` : ''}`);
  console.log('0 passed, 1 failed');
  process.exit(1);
}

// Not `npm ci`, which fails if a registry mirror lacks packages for other platforms.
if (!existsSync(join(root, 'node_modules', '.package-lock.json')))
  step(npm, ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund']);
step(npm, ['run', '--silent', 'build']);

const { setup } = await import('./lab/setup.mjs');
const lab = await setup();
if (lab.reason) console.error(`lab: ${lab.reason}`);

const folder = mkdtempSync(join(tmpdir(), 'envctl-tests-'));
const report = join(folder, 'report.json');
spawnSync(
  process.execPath,
  [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--config',
    'tests/vitest.config.ts',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...process.argv.slice(2),
  ],
  {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...(lab.images ? { ENVCTL_IMAGES: lab.images } : {}) },
  },
);

const { passed, failed, skipped } = count(report);
rmSync(folder, { recursive: true, force: true });
for (const name of skipped) console.log(`skipped: ${name}`);
if (skipped.length > 0) console.log(`reason: ${lab.reason ?? 'see the tests'}`);
console.log(`${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`);
process.exit(failed > 0 || passed === 0 || (process.env.CI && skipped.length > 0) ? 1 : 0);

/** A run that left no report counts as one failure. */
function count(path) {
  if (!existsSync(path)) return { passed: 0, failed: 1, skipped: [] };
  const { testResults } = JSON.parse(readFileSync(path, 'utf8'));
  const all = testResults.flatMap(({ name, assertionResults, status }) => [
    ...assertionResults.map((one) => ({ status: one.status, name: `${relative(root, name)}: ${one.fullName}` })),
    ...(assertionResults.length === 0 && status === 'failed' ? [{ status: 'failed', name }] : []),
  ]);
  return {
    passed: all.filter((one) => one.status === 'passed').length,
    failed: all.filter((one) => one.status === 'failed').length,
    skipped: all.filter((one) => !['passed', 'failed'].includes(one.status)).map((one) => one.name),
  };
}
