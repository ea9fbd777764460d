import { loopback } from '../state/ports.js';
import { type JavaArchive, jarOf, java, quickStart } from './java-archive.js';
import { requireProgram } from './programs.js';
import type { Server } from './server.js';

export const wiremock: Server<JavaArchive> = {
  names: ['wiremock'],
  find: (context, request) => ({
    java: requireProgram(context, request, java),
    jar: jarOf(request, 'wiremock', /^wiremock-standalone.*\.jar$/),
  }),
  launch: (_context, tool, { store, ports }) => {
    const listen = ['--bind-address', loopback, '--port', String(ports.main)];
    const argv = [tool.java, ...quickStart, '-jar', tool.jar, ...listen, '--root-dir', store, '--disable-banner'];
    return { argv, env: {}, user: null };
  },
};
