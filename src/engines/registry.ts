/** The engines of envctl. A new one is a folder next to this file and an entry below. */
import { join } from 'node:path';
import type { Engine } from '../model/engine.js';
import { EnvctlError, suggest } from '../model/errors.js';
import type { ProcessEnv } from '../model/host.js';

export interface EngineOptions {
  readonly env: ProcessEnv;
  /** Reads the rules of image substitution; called when images are prepared. */
  readonly substitution: () => Promise<(image: string) => string>;
  /** Absolute folders for an engine that keeps its own files. */
  readonly folders: { readonly state: string; readonly cache: string };
}

interface EngineEntry {
  readonly load: (options: EngineOptions) => Promise<Engine>;
  /** Whether the engine can run services on this machine, decided within the time limit. */
  readonly availability: (options: EngineOptions, timeoutMs: number) => Promise<Omit<EngineAvailability, 'name'>>;
}

export interface EngineAvailability {
  readonly name: string;
  readonly usable: boolean;
  /** The reason, for users. */
  readonly why: string;
}

/** In order of preference. */
const engines: Readonly<Record<string, EngineEntry>> = {
  compose: {
    load: async (options) => (await import('./compose/engine.js')).composeEngine(options),
    availability: async ({ env }, timeoutMs) => {
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
    availability: async () =>
      process.platform === 'win32'
        ? { usable: false, why: 'services run as processes on Linux and macOS only' }
        : { usable: true, why: 'needs only Node' },
  },
};

export const engineNames: readonly string[] = Object.keys(engines);

/** Throws USAGE for an unknown name. */
export async function loadEngine(name: string, options: EngineOptions): Promise<Engine> {
  const entry = engines[name];
  if (!entry)
    throw new EnvctlError('USAGE', `Unknown engine "${name}"`, { hint: suggest(name, [...engineNames, 'auto']) });
  return entry.load(options);
}

/** Checks all engines, each within a second. */
export async function checkEngines(options: EngineOptions): Promise<readonly EngineAvailability[]> {
  return Promise.all(
    Object.entries(engines).map(async ([name, { availability }]) => ({ name, ...(await availability(options, 1000)) })),
  );
}
