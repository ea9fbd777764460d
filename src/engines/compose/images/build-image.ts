import { resolve } from 'node:path';
import type { EngineContext } from '../../../model/engine.js';
import { EnvctlError } from '../../../model/errors.js';
import { type ProcessOptions, type ProcessResult, runProcess } from '../../../processes/run-process.js';
import type { Client } from '../../docker/api/client.js';
import { findPlugin } from '../../docker/cli-plugin.js';
import { progressTeller } from '../../docker/images/image-progress.js';
import { runCompose, withoutComposeVariables } from '../compose-cli.js';
import { doubled } from '../render.js';
import type { Build, ImageNeed } from './image-requirements.js';

export interface BuildOrder {
  readonly need: Extract<ImageNeed, { kind: 'build' }>;
  readonly project: string;
  /** Whether base images are looked for anew. */
  readonly pull: boolean;
}

/**
 * Builds under the need's reference. Plain builds go to buildx itself: 185 ms where everything is cached, 420 ms through Compose (measured);
 * what buildx has no flag for, and a missing buildx, goes through Compose. Throws IMAGE_BUILD_FAILED with the builder's last lines.
 */
export async function buildImage(client: Client, order: BuildOrder, context: EngineContext): Promise<void> {
  const { need } = order;
  const service = need.services[0]?.name ?? '';
  const progress = progressTeller({ service, image: need.reference, work: 'build' }, context.emit);
  // Without it buildx starts git to find out what it would attest.
  const env = { ...withoutComposeVariables(client.options.env), BUILDX_GIT_INFO: 'false' };
  const command: ProcessOptions = {
    env,
    signal: context.signal,
    onStart: client.warm,
    onLine: (line) => progress.tell(buildLine(line)),
  };
  progress.begin();
  const result = isPlain(need.build, env)
    ? await withBuildx(order, command)
    : await withCompose(order, service, command);
  if (result.exitCode !== 0) throw buildFailure(order, service, result);
  progress.end();
}

const plainKeys = new Set([
  'context',
  'dockerfile',
  'dockerfile_inline',
  'args',
  'target',
  'labels',
  'network',
  'no_cache',
  'pull',
]);

/** Arguments travel in the builder's environment, never in argv; names that mean something to the builder itself cannot. */
const reserved = /^(PATH|HOME|TMPDIR|USER|SSH_.*|DOCKER_.*|BUILDX_.*|BUILDKIT_.*|.*_proxy)$/i;

function isPlain(build: Build, env: ProcessOptions['env']): boolean {
  const labels = build.labels;
  return (
    Object.keys(build).every((key) => plainKeys.has(key)) &&
    (labels === undefined || (typeof labels === 'object' && !Array.isArray(labels))) &&
    Object.entries(build.args).every(([name, value]) => value === null || !reserved.test(name) || env[name] === value)
  );
}

async function withBuildx(order: BuildOrder, command: ProcessOptions): Promise<ProcessResult> {
  const { need } = order;
  const { build } = need;
  const plugin = await findPlugin('buildx', command.env);
  const given = Object.fromEntries(Object.entries(build.args).filter(([, value]) => value !== null));
  const inline = typeof build.dockerfile_inline === 'string' ? build.dockerfile_inline : '';
  const result = await runProcess([...plugin, ...buildxArguments(order)], {
    ...command,
    env: { ...command.env, ...(given as Record<string, string>) },
    stdin: inline,
  });
  const absent =
    result.end === 'not found' || /is not a docker command|unknown command|unknown flag: --tag/.test(result.stderr);
  return absent ? withCompose(order, need.services[0]?.name ?? '', command) : result;
}

function buildxArguments({ need, pull }: BuildOrder): readonly string[] {
  const { build, reference, platform } = need;
  const dockerfile =
    build.dockerfile_inline === undefined ? resolve(build.context, String(build.dockerfile ?? 'Dockerfile')) : '-';
  const remote = /^[a-z+]+:\/\/|^git@|^github\.com\//.test(build.context);
  const option = (flag: string, value: unknown): readonly string[] =>
    value === undefined || value === null ? [] : [flag, String(value)];
  return [
    // Attestations carry times of day: with them the image id would change with every build.
    ...['build', '--progress', 'plain', '--provenance', 'false', '--load', '--tag', reference],
    ...(remote ? option('--file', build.dockerfile) : ['--file', dockerfile]),
    ...Object.keys(build.args).flatMap((name) => ['--build-arg', name]),
    ...Object.entries((build.labels ?? {}) as Record<string, unknown>).flatMap(([name, value]) => [
      '--label',
      `${name}=${value}`,
    ]),
    ...option('--target', build.target),
    ...option('--network', build.network),
    ...option('--platform', platform),
    ...(build.no_cache === true ? ['--no-cache'] : []),
    ...(pull || build.pull === true ? ['--pull'] : []),
    ...['--', build.context],
  ];
}

async function withCompose(
  { need, project, pull }: BuildOrder,
  service: string,
  command: ProcessOptions,
): Promise<ProcessResult> {
  const { build, reference, platform } = need;
  const rendered = doubled({
    services: { [service]: { image: reference, build, ...(platform === null ? {} : { platform }) } },
  });
  const parameters = [
    '-p',
    'envctl-build',
    '--project-directory',
    project,
    '--env-file',
    '/dev/null',
    '--progress',
    'plain',
    '-f',
    '-',
    'build',
    ...(pull ? ['--pull'] : []),
    service,
  ];
  return runCompose(parameters, { ...command, stdin: JSON.stringify(rendered) });
}

/** `#7 [2/3] RUN make` and `#7 0.123 text` without their numbers. */
function buildLine(line: string): string {
  return line.replace(/^#\d+ (\d+\.\d+ )?/, '').trim();
}

const shownLines = 20;

function buildFailure({ need }: BuildOrder, service: string, result: ProcessResult): EnvctlError {
  const lines = `${result.stdout}${result.stderr}`
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');
  const reason =
    lines.findLast((line) => /^(ERROR|failed|error)\b/i.test(line))?.replace(/^ERROR: (failed to solve: )?/, '') ??
    `the builder ended with exit code ${result.exitCode}`;
  const position = need.services[0]?.position;
  return new EnvctlError(
    'IMAGE_BUILD_FAILED',
    `The image of "${service}" cannot be built from ${need.build.context}: ${reason}`,
    {
      hint: /failed to resolve source metadata|pull access denied|not found/.test(reason)
        ? 'Check the FROM line: is the base image spelt right, and can its registry be reached? A build argument can be mapped to another image with ENVCTL_IMAGES.'
        : 'The builder’s last lines stand below; `docker build` in that folder shows the same.',
      detail: lines.slice(-shownLines).join('\n'),
      service,
      ...(position === undefined ? {} : { position }),
    },
  );
}
