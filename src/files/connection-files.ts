import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Exports, formatExports, type RecordedExports, readExports } from '../connections/recorded-texts.js';
import type { Connection } from '../model/connection.js';
import { instanceFolder, writeEngine, writePrivate } from './instance-directory.js';

export interface ConnectionFileContent {
  readonly connections: readonly Connection[];
  readonly exports: Readonly<Record<string, string>>;
  /** The profile's own exports as written. */
  readonly environment: { readonly exports: Exports };
}

/**
 * `.envctl/<instance>/`: `connection.json` (all of it), `connection.env` (exports, as far as a dotenv file can hold them),
 * the profile's exports as written, the timeline and the engine's name. Readable by this user alone.
 */
export async function writeConnections(
  identity: { readonly id: string; readonly profile: string; readonly project: string; readonly engine: string },
  told: ConnectionFileContent,
  { timeline }: { timeline(): string },
): Promise<void> {
  const folder = instanceFolder(identity.project, identity.id);
  const json = {
    version: 1,
    instance: identity.id,
    profile: identity.profile,
    engine: identity.engine,
    exports: told.exports,
    services: told.connections,
  };
  await writePrivate(join(folder, 'connection.json'), `${JSON.stringify(json, null, 2)}\n`);
  await Promise.all([
    writePrivate(join(folder, 'connection.env'), await dotenvOf(told.exports)),
    writePrivate(join(folder, 'exports.json'), `${JSON.stringify(formatExports(told.environment.exports), null, 2)}\n`),
    writePrivate(join(folder, 'events.ndjson'), timeline()),
    writeEngine(identity),
  ]);
}

/** A value that this dialect cannot hold is named in a comment instead of being written wrong. */
async function dotenvOf(exports: Readonly<Record<string, string>>): Promise<string> {
  const { format } = await import('../connections/formats/formats.js');
  return Object.entries(exports)
    .map(([name, value]) => {
      try {
        return format('dotenv', { [name]: value });
      } catch {
        return `# ${name} cannot be written in a .env file; connection.json has it\n`;
      }
    })
    .join('');
}

/** What the last `up` knew and the running services may not tell. */
export interface LastUp {
  /** Facts by service: the only place that knows a secret its container keeps to itself. */
  readonly parameters: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** The profile's own exports as written, newer than labels where nothing else of the profile has changed; null: not known. */
  readonly exports: Exports | null;
}

export async function readLastUp(identity: { readonly id: string; readonly project: string }): Promise<LastUp> {
  const folder = instanceFolder(identity.project, identity.id);
  const [told, exports] = await Promise.all([
    readJson<{ readonly services: readonly Connection[] }>(join(folder, 'connection.json')),
    readJson<RecordedExports>(join(folder, 'exports.json')),
  ]);
  const services = told?.services ?? [];
  return {
    parameters: Object.fromEntries(services.map(({ service, parameters }) => [service, parameters])),
    exports: exports && readExports(exports, new Set(services.map(({ service }) => service))),
  };
}

/** null: not there, or not whole. */
async function readJson<T>(path: string): Promise<T | null> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T;
  } catch {
    return null;
  }
}
