import { loopback } from '../state/ports.js';
import { type JavaArchive, jarOf, java, quickStart } from './java-archive.js';
import { requireProgram } from './programs.js';
import type { Server } from './server.js';

export const mockserver: Server<JavaArchive> = {
  names: ['mockserver'],
  find: (context, request) => ({
    java: requireProgram(context, request, java),
    jar: jarOf(request, 'mockserver-node', /^mockserver-netty.*\.jar$/),
  }),
  launch: (_context, tool, { store, ports }) => {
    const properties = [
      `-Dmockserver.localBoundIP=${loopback}`,
      '-Dmockserver.dynamicallyCreateCertificateAuthorityCertificate=false',
      `-Dmockserver.directoryToSaveDynamicSSLCertificate=${store}`,
    ];
    const options = ['-serverPort', String(ports.main), '-logLevel', 'INFO'];
    return { argv: [tool.java, ...quickStart, ...properties, '-jar', tool.jar, ...options], env: {}, user: null };
  },
};
