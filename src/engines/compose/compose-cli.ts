import { EnvctlError } from '../../model/errors.js';
import type { ProcessEnv } from '../../model/host.js';
import { type ProcessOptions, type ProcessResult, runProcess } from '../../processes/run-process.js';
import { findPlugin } from '../docker/cli-plugin.js';

/** Runs `docker compose` with these arguments. Throws COMPOSE_MISSING if there is no usable one. */
export async function runCompose(args: readonly string[], options: ProcessOptions): Promise<ProcessResult> {
  const plugin = await findPlugin('compose', options.env);
  const result = await runProcess([...plugin, ...args], options);
  if (!isMissing(result)) return result;
  throw await composeMissing(options);
}

/** Variables for Compose when it reads a rendered file, which COMPOSE_* variables must not change. */
export function withoutComposeVariables(env: ProcessEnv): ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('COMPOSE_')));
}

/** The message depends on the version of the docker command and its plugins. */
function isMissing(result: ProcessResult): boolean {
  if (result.exitCode === 127 || result.end === 'not executable') return true;
  return result.exitCode !== 0 && missingMessages.some((message) => result.stderr.includes(message));
}

const missingMessages: readonly string[] = [
  'unknown command: docker compose',
  "'compose' is not a docker command",
  "unknown shorthand flag: 'p' in -p",
  'unknown flag: --project-directory',
];

async function composeMissing(options: ProcessOptions): Promise<EnvctlError> {
  const run = (argv: readonly string[]): Promise<ProcessResult> =>
    runProcess(argv, { env: options.env, signal: options.signal, timeoutMs: 5000 });
  const [docker, plugin, v1] = await Promise.all([
    run(['docker', '--version']),
    run(['docker', 'compose', 'version', '--short']),
    run(['docker-compose', 'version', '--short']),
  ]);
  const hint =
    'Install the Compose plugin, version 2 or newer: https://docs.docker.com/compose/install/ ' +
    '(Debian: `apt-get install docker-compose-plugin`).';
  if (v1.exitCode === 0 && /^v?1\./.test(v1.stdout.trim())) {
    const message = `Found docker-compose ${v1.stdout.trim()} only, but Compose v1 is not supported`;
    return new EnvctlError('COMPOSE_MISSING', message, { hint });
  }
  const message =
    docker.end === 'not found'
      ? 'Found neither a docker command on PATH nor a Compose plugin'
      : 'The Compose v2 plugin is not installed';
  return new EnvctlError('COMPOSE_MISSING', message, {
    hint,
    detail: plugin.stderr.trim().split('\n').slice(0, 3).join('\n'),
  });
}
