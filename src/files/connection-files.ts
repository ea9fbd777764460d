import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Exports, formatExports, type RecordedExports, readExports } from '../connections/recorded-texts.js';
import type { Connection } from '../model/connection.js';
import { instanceFolder, writeEngine, writePrivate } from './instance-directory.js';

export interface ConnectionFileContent {
  readonly connections: readonly Connection[];
  readonly exports: Readonly<Record<string, string>>;
  /** The profile's exports as written. */
  readonly environment: { readonly exports: Exports };
}

/**
 * Writes `connection.json` (everything), `connection.env` (the exports a dotenv file can hold), the profile's exports
 * as written, the timeline and the engine's name into `.envctl/<instance>/`, readable only by this user.
 */
export async function writeConnections(
  identity: { readonly id: string; readonly profile: string; readonly project: string; readonly engine: string },
  content: ConnectionFileContent,
  { timeline }: { timeline(): string },
): Promise<void> {
  const folder = instanceFolder(identity.project, identity.id);
  const json = {
    version: 1,
    instance: identity.id,
    profile: identity.profile,
    engine: identity.engine,
    exports: content.exports,
    services: content.connections,
  };
  await writePrivate(join(folder, 'connection.json'), `${JSON.stringify(json, null, 2)}\n`);
  await Promise.all([
    writePrivate(join(folder, 'connection.env'), await dotenvOf(content.exports)),
    writePrivate(
      join(folder, 'exports.json'),
      `${JSON.stringify(formatExports(content.environment.exports), null, 2)}\n`,
    ),
    writePrivate(join(folder, 'events.ndjson'), timeline()),
    writeEngine(identity),
  ]);
}

/** A value that a dotenv file cannot hold becomes a comment. */
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

/** Values from the last `up` that running services may not reveal. */
export interface LastUp {
  /** Parameters by service; only here is a secret that its container reads from a file. */
  readonly parameters: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** The profile's exports as written; newer than the labels if only they changed. null: unknown. */
  readonly exports: Exports | null;
}

export async function readLastUp(identity: { readonly id: string; readonly project: string }): Promise<LastUp> {
  const folder = instanceFolder(identity.project, identity.id);
  const [last, exports] = await Promise.all([
    readJson<{ readonly services: readonly Connection[] }>(join(folder, 'connection.json')),
    readJson<RecordedExports>(join(folder, 'exports.json')),
  ]);
  const services = last?.services ?? [];
  return {
    parameters: Object.fromEntries(services.map(({ service, parameters }) => [service, parameters])),
    exports: exports && readExports(exports, new Set(services.map(({ service }) => service))),
  };
}

/** null: missing or incomplete. */
async function readJson<T>(path: string): Promise<T | null> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T;
  } catch {
    return null;
  }
}
