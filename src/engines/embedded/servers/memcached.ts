import { loopback } from '../state/ports.js';
import { type InstalledServer, installedServer } from './installed-server.js';
import { parameter, type Server } from './server.js';

export const memcached: Server<InstalledServer> = {
  ...installedServer('memcached', { apt: 'memcached', brew: 'memcached' }),
  launch: (_context, { program }, { ports, request }) => {
    const listen = ['-l', loopback, '-p', String(ports.main)];
    const user = process.getuid?.() === 0 ? ['-u', 'root'] : [];
    return { argv: [program, ...listen, '-m', parameter(request, 'memory', '64'), ...user], env: {}, user: null };
  },
};
