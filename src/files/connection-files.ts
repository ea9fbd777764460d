import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Connection } from '../core/environment.js';
import { instanceFolder, writePrivate } from './state.js';

export interface Told {
  readonly connections: readonly Connection[];
  readonly exports: Readonly<Record<string, string>>;
}

/**
 * `.envctl/<instance>/`: `connection.json` (all of it), `connection.env` (exports, as far as a dotenv file can hold them),
 * the timeline and the engine's name. Readable by this user alone.
 */
export async function writeConnections(
  identity: { readonly id: string; readonly profile: string; readonly project: string; readonly engine: string },
  told: Told,
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
    writePrivate(join(folder, 'events.ndjson'), timeline()),
    writePrivate(join(folder, 'engine'), `${identity.engine}\n`),
  ]);
}

/** A value that this dialect cannot hold is named in a comment instead of being written wrong. */
async function dotenvOf(exports: Readonly<Record<string, string>>): Promise<string> {
  const { format } = await import('../core/formats.js');
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

/** Facts of a service as the last `up` wrote them: the only place that knows a secret its container keeps to itself. Empty where there are none. */
export async function readFacts(identity: {
  readonly id: string;
  readonly project: string;
}): Promise<Readonly<Record<string, Readonly<Record<string, string>>>>> {
  try {
    const text = await readFile(join(instanceFolder(identity.project, identity.id), 'connection.json'), 'utf8');
    const { services } = JSON.parse(text) as { readonly services: readonly Connection[] };
    return Object.fromEntries(services.map(({ service, facts }) => [service, facts]));
  } catch {
    return {};
  }
}
