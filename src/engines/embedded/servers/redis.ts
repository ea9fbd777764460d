import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { loopback } from '../state/ports.js';
import { requireProgram, satisfies, versionOf } from './programs.js';
import { parameter, type Server } from './server.js';

interface RedisProgram {
  readonly program: string;
  readonly version: string | null;
}

/** Redis or Valkey, whichever is installed: they speak the same protocol. */
export const redis: Server<RedisProgram> = {
  names: ['redis-server', 'valkey-server'],
  async find(context, request) {
    const program = requireProgram(context, request, {
      names: ['redis-server', 'valkey-server'],
      packages: { apt: 'redis-server', brew: 'redis' },
    });
    return { program, version: await versionOf(program, request) };
  },
  differs: ({ program, version }, request) =>
    version === null || satisfies(version, parameter(request, 'version', 'latest'))
      ? null
      : `${path.basename(program)} ${version}`,
  async launch(_context, { program }, { store, scratch, ports, request }) {
    const file = path.join(scratch, 'redis.conf');
    const password = parameter(request, 'password', '');
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

/** The syntax of redis.conf: backslash escapes in double quotes. */
const quoted = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
