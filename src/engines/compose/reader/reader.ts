import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ReadCompose } from '../../../model/compose-reader.js';
import type { ProcessEnv } from '../../../model/host.js';
import type { JsonMap } from '../../../model/json.js';
import type { ProcessResult } from '../../../processes/run-process.js';
import { runCompose } from '../compose-cli.js';
import { adopt } from './adopt.js';
import { writeCopies } from './copies.js';
import { refuseResult } from './refusals.js';
import { type OpenSource, openSources } from './sources.js';

export interface ComposeReaderOptions {
  /** The process variables, to find Compose. Variables for interpolation come with each request. */
  readonly env: ProcessEnv;
  /** Reads one file. Throws PROFILE_INVALID at its position in the file. */
  readonly open: OpenSource;
  /** Parses the YAML that Compose prints. */
  readonly parseYaml: (text: string) => JsonMap;
}

/** Reads Compose files through `docker compose config`, see `ReadCompose`. */
export function composeReader(options: ComposeReaderOptions): ReadCompose {
  return async ({ files, env, signal }) => {
    const sources = await openSources(files, options.open);
    const documents = sources.all.map(({ source }) => source.document);
    const folder = await mkdtemp(join(tmpdir(), 'envctl-compose-'));
    try {
      const copies = await writeCopies(folder, sources.roots);
      const inputs = copies.map(({ copy }) => copy);
      const directory = dirname(files[0] ?? '');
      const result = await composeConfig(inputs, { directory, env: { ...options.env, ...env }, signal });
      refuseResult(result, { copies: copies.flatMap(({ all }) => all), documents });
      return adopt(options.parseYaml(result.stdout), documents);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
}

interface ConfigOptions {
  /** Folder of the first file. Relative paths and `.env` are relative to it. */
  readonly directory: string;
  readonly env: ProcessEnv;
  readonly signal: AbortSignal;
}

/**
 * `--no-normalize` omits what Compose would add: names of networks and volumes, and the default network. Then its
 * check for undefined names refuses services that use the default network explicitly; it is skipped for such files.
 */
async function composeConfig(files: readonly string[], options: ConfigOptions): Promise<ProcessResult> {
  const result = await runConfig(files, ['--no-normalize'], options);
  return /refers to undefined network default\b/.test(result.stderr)
    ? runConfig(files, ['--no-normalize', '--no-consistency'], options)
    : result;
}

const timeoutMs = 15_000;
/**
 * Stops YAML alias bombs. Go reserves some 2 GB of address space per 10 threads with several malloc arenas; with
 * one, 4 GiB are ample.
 */
const memoryKiB = 4 * 1024 * 1024;

function runConfig(
  files: readonly string[],
  flags: readonly string[],
  { directory, env, signal }: ConfigOptions,
): Promise<ProcessResult> {
  const project = [...files.flatMap((file) => ['-f', file]), '--project-directory', directory, '--profile', '*'];
  // Files behind git and OCI addresses are refused, whatever the user's variables allow (CVE-2025-62725).
  const noRemotes = { COMPOSE_EXPERIMENTAL_GIT_REMOTE: 'false', COMPOSE_EXPERIMENTAL_OCI_REMOTE: 'false' };
  return runCompose([...project, 'config', ...flags], {
    env: { ...env, ...noRemotes, MALLOC_ARENA_MAX: '1' },
    signal,
    timeoutMs,
    memoryKiB,
  });
}
