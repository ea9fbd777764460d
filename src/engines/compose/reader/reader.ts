import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ReadCompose } from '../../../model/compose-reader.js';
import type { ProcessEnv } from '../../../model/host.js';
import type { JsonMap } from '../../../model/json.js';
import type { Document } from '../../../model/profile.js';
import type { ProcessResult } from '../../../processes/run-process.js';
import { runCompose } from '../compose-cli.js';
import { adopt } from './adopt.js';
import { writeCopies } from './copies.js';
import { refuseReferences, refuseResult, type Words } from './refusals.js';
import { type ComposeSource, type Opened, openSources } from './sources.js';

export interface ComposeReaderOptions {
  /** The process environment, by which Compose is found. What interpolates comes with each request. */
  readonly env: ProcessEnv;
  /** Reads one file within the caller's limits; throws PROFILE_INVALID at the place. */
  readonly open: (path: string) => Promise<ComposeSource>;
  /** Plain data of the YAML that Compose prints. */
  readonly parseYaml: (text: string) => JsonMap;
}

const timeoutMs = 15_000;
/** Go reserves some 2 GB of address space per 10 threads with several malloc arenas; with one, 4 GiB are ample and still stop an alias bomb. */
const memoryKiB = 4 * 1024 * 1024;

/** Reads Compose files as Compose does; see the contract `ReadCompose`. Values come from Compose, positions from the files. */
export function composeReader(options: ComposeReaderOptions): ReadCompose {
  return async ({ files, env, signal }) => {
    const [first = ''] = files;
    const sources = await openSources(files, options.open);
    for (const { source } of sources.all) refuseReferences(source.document);
    const folder = await mkdtemp(join(tmpdir(), 'envctl-compose-'));
    try {
      const copies = await writeCopies(folder, sources.roots);
      const result = await config(
        copies.map(({ copy }) => copy),
        { directory: dirname(first), environment: { ...options.env, ...env }, signal },
      );
      const words: Words = { result, copies: copies.flatMap(({ all }) => all), documents: documentsOf(sources.all) };
      refuseResult(words);
      return adopt(options.parseYaml(result.stdout), words.documents);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
}

function documentsOf(opened: readonly Opened[]): readonly Document[] {
  return opened.map(({ source }) => source.document);
}

interface Reading {
  /** Folder of the first file: relative paths and `.env` are looked for there. */
  readonly directory: string;
  readonly environment: ProcessEnv;
  readonly signal: AbortSignal;
}

/**
 * `--no-normalize` leaves out what Compose would add by itself: names of networks and volumes, the default network. Its check for
 * undefined names then misses that network where a service names it, and is left out for such a file.
 */
async function config(copies: readonly string[], reading: Reading): Promise<ProcessResult> {
  const checked = await configWith(copies, [], reading);
  return /refers to undefined network default\b/.test(checked.stderr)
    ? configWith(copies, ['--no-consistency'], reading)
    : checked;
}

function configWith(
  copies: readonly string[],
  more: readonly string[],
  { directory, environment, signal }: Reading,
): Promise<ProcessResult> {
  const parameters = [
    ...copies.flatMap((copy) => ['-f', copy]),
    '--project-directory',
    directory,
    '--profile',
    '*',
    'config',
    '--no-normalize',
    ...more,
  ];
  // Files behind git and OCI addresses are refused, whatever the user's environment allows (CVE-2025-62725).
  const local = { COMPOSE_EXPERIMENTAL_GIT_REMOTE: 'false', COMPOSE_EXPERIMENTAL_OCI_REMOTE: 'false' };
  return runCompose(parameters, {
    env: { ...environment, ...local, MALLOC_ARENA_MAX: '1' },
    signal,
    timeoutMs,
    memoryKiB,
  });
}
