import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { loopback } from '../state/ports.js';
import { type InstalledServer, installedServer } from './installed-server.js';
import type { Server } from './server.js';

export const mosquitto: Server<InstalledServer> = {
  ...installedServer('mosquitto', { apt: 'mosquitto', brew: 'mosquitto' }, '-h'),
  async launch(_context, { program }, { scratch, ports }) {
    const file = path.join(scratch, 'mosquitto.conf');
    const lines = [
      `listener ${ports.main} ${loopback}`,
      'allow_anonymous true',
      'persistence false',
      'log_dest stderr',
      ...(process.getuid?.() === 0 ? ['user root'] : []),
    ];
    await writeFile(file, `${lines.join('\n')}\n`);
    return { argv: [program, '-c', file], env: {}, user: null };
  },
};
