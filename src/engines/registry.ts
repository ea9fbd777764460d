/** The engines there are, and which one a command works with. Adding one is a folder here and an entry below. */
import { join } from 'node:path';
import type { Engine } from '../model/engine.js';
import { EnvctlError, suggest } from '../model/errors.js';

export interface EngineOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Reads the rules of image substitution; asked when images are looked for. */
  readonly substitution: () => Promise<(image: string) => string>;
  /** Absolute folders for an engine that keeps its own files. */
  readonly folders: { readonly state: string; readonly cache: string };
}

interface EngineEntry {
  readonly load: (options: EngineOptions) => Promise<Engine>;
  /** Whether it could work here, found out within the time; the answer is the reason, for a line on the screen. */
  readonly answers: (
    options: EngineOptions,
    timeoutMs: number,
  ) => Promise<{ readonly usable: boolean; readonly why: string }>;
}

/** In order of preference. */
const engines: Readonly<Record<string, EngineEntry>> = {
  compose: {
    load: async (options) => (await import('./compose/engine.js')).composeEngine(options),
    answers: async ({ env }, timeoutMs) => {
      const { dockerAnswers } = await import('./docker/api/ping.js');
      const version = await dockerAnswers(env, timeoutMs);
      return version === null
        ? { usable: false, why: 'no Docker Engine answers' }
        : { usable: true, why: `Docker Engine ${version} answers` };
    },
  },
  embedded: {
    load: async ({ env, folders }) => {
      const { embeddedEngine } = await import('./embedded/engine.js');
      const stateDir = join(folders.state, 'instances');
      return embeddedEngine({ env, stateDir, cacheDir: folders.cache, nodePath: process.execPath });
    },
    answers: async () =>
      process.platform === 'win32'
        ? { usable: false, why: 'services run as processes on Linux and macOS only' }
        : { usable: true, why: 'it needs Node only' },
  },
};

export const engineNames: readonly string[] = Object.keys(engines);

/** Throws USAGE for a name that does not exist. */
export async function loadEngine(name: string, options: EngineOptions): Promise<Engine> {
  const entry = engines[name];
  if (!entry)
    throw new EnvctlError('USAGE', `there is no engine "${name}"`, { hint: suggest(name, [...engineNames, 'auto']) });
  return entry.load(options);
}

export interface Answering {
  readonly name: string;
  readonly usable: boolean;
  readonly why: string;
}

/** Asks every engine, each within a second. */
export async function askEngines(options: EngineOptions): Promise<readonly Answering[]> {
  return Promise.all(
    Object.entries(engines).map(async ([name, entry]) => ({ name, ...(await entry.answers(options, 1000)) })),
  );
}
