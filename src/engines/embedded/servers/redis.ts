import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { loopback } from '../ports.js';
import { requireProgram, satisfies, versionOf } from './programs.js';
import { parameter, type Server } from './server.js';

interface Redis {
  readonly program: string;
  readonly version: string | null;
}

/** Redis or Valkey: one protocol, whichever is there. */
export const redis: Server<Redis> = {
  names: ['redis-server', 'valkey-server'],
  async find(world, asker) {
    const program = requireProgram(world, asker, {
      names: ['redis-server', 'valkey-server'],
      packages: { apt: 'redis-server', brew: 'redis' },
    });
    return { program, version: await versionOf(program, asker) };
  },
  differs: ({ program, version }, asker) =>
    version === null || satisfies(version, parameter(asker, 'version', 'latest'))
      ? null
      : `${path.basename(program)} ${version}`,
  async launch(_world, { program }, { store, scratch, ports, asker }) {
    const file = path.join(scratch, 'redis.conf');
    const password = parameter(asker, 'password', '');
    const lines = [
      `bind ${loopback}`,
      `port ${ports.main}`,
      `dir ${quoted(store)}`,
      'save ""',
      'appendonly no',
      'daemonize no',
      ...(password === '' ? ['protected-mode no'] : [`requirepass ${quoted(password)}`]),
    ];
    await writeFile(file, `${lines.join('\n')}\n`, { mode: 0o600 });
    return { argv: [program, file], env: {}, user: null };
  },
};

/** As redis.conf reads it: backslash escapes within double quotes. */
const quoted = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
