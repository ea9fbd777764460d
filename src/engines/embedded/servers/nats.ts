import { loopback } from '../state/ports.js';
import { type InstalledServer, installedServer } from './installed-server.js';
import type { Server } from './server.js';

export const nats: Server<InstalledServer> = {
  ...installedServer('nats-server', { apt: 'nats-server', brew: 'nats-server' }),
  launch: (_context, { program }, { store, ports }) => {
    const listen = ['--addr', loopback, '--port', String(ports.main)];
    const monitor = ports.monitor === undefined ? [] : ['--http_port', String(ports.monitor)];
    return { argv: [program, ...listen, '--jetstream', '--store_dir', store, ...monitor], env: {}, user: null };
  },
};
