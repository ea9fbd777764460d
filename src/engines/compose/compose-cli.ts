import { EnvctlError } from '../../model/errors.js';
import { type ProcessOptions, type ProcessResult, runProcess } from '../../processes/run-process.js';
import type { ProcessEnvironment } from '../docker/api/endpoint.js';
import { findPlugin } from '../docker/cli-plugin.js';

/** Runs `docker compose` with these arguments; throws COMPOSE_MISSING where there is no usable one. */
export async function runCompose(parameters: readonly string[], options: ProcessOptions): Promise<ProcessResult> {
  const plugin = await findPlugin('compose', options.env);
  const result = await runProcess([...plugin, ...parameters], options);
  if (!looksMissing(result)) return result;
  throw await composeMissing(options);
}

/** The environment for Compose when it runs our own rendering: nothing of it may come from COMPOSE_*. */
export function withoutComposeVariables(env: ProcessEnvironment): ProcessEnvironment {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('COMPOSE_')));
}

/** Texts differ by version of the docker command and by whether it has a plugin of that name at all. */
function looksMissing(result: ProcessResult): boolean {
  if (result.exitCode === 127 || result.end === 'not executable') return true;
  return (
    result.exitCode !== 0 &&
    /unknown command: docker compose|'compose' is not a docker command|unknown shorthand flag: 'p' in -p|unknown flag: --project-directory/.test(
      result.stderr,
    )
  );
}

async function composeMissing(options: ProcessOptions): Promise<EnvctlError> {
  const ask = (argv: readonly string[]): Promise<ProcessResult> =>
    runProcess(argv, { env: options.env, signal: options.signal, timeoutMs: 5000 });
  const [docker, plugin, old] = await Promise.all([
    ask(['docker', '--version']),
    ask(['docker', 'compose', 'version', '--short']),
    ask(['docker-compose', 'version', '--short']),
  ]);
  const hint =
    'Install the Compose plugin, version 2 or newer: https://docs.docker.com/compose/install/ (Debian: `apt-get install docker-compose-plugin`).';
  if (old.exitCode === 0 && /^v?1\./.test(old.stdout.trim())) {
    return new EnvctlError(
      'COMPOSE_MISSING',
      `Only docker-compose ${old.stdout.trim()} is here, and Compose v1 cannot be used`,
      { hint },
    );
  }
  const what =
    docker.end === 'not found'
      ? 'There is no docker command on PATH, and no Compose plugin beside it'
      : 'The Compose v2 plugin was not found';
  return new EnvctlError('COMPOSE_MISSING', what, {
    hint,
    detail: plugin.stderr.trim().split('\n').slice(0, 3).join('\n'),
  });
}
