/** Small servers that need a port and little else. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { loopback } from '../ports.js';
import { requireProgram, satisfies, versionOf } from './programs.js';
import { parameter, type Server } from './server.js';

interface Small {
  readonly program: string;
  readonly version: string | null;
}

const found = (
  name: string,
  packages: { readonly apt: string; readonly brew: string },
  versionArgument: string,
): Pick<Server<Small>, 'names' | 'find' | 'differs'> => ({
  names: [name],
  async find(world, asker) {
    const program = requireProgram(world, asker, { names: [name], packages });
    return { program, version: await versionOf(program, asker, versionArgument) };
  },
  differs: ({ version }, asker) =>
    version === null || satisfies(version, parameter(asker, 'version', 'latest')) ? null : `${name} ${version}`,
});

export const nats: Server<Small> = {
  ...found('nats-server', { apt: 'nats-server', brew: 'nats-server' }, '--version'),
  launch: (_world, { program }, { store, ports }) => {
    const monitor = ports.monitor === undefined ? [] : ['--http_port', String(ports.monitor)];
    return {
      argv: [
        program,
        '--addr',
        loopback,
        '--port',
        String(ports.main),
        '--jetstream',
        '--store_dir',
        store,
        ...monitor,
      ],
      env: {},
      user: null,
    };
  },
};

export const mosquitto: Server<Small> = {
  ...found('mosquitto', { apt: 'mosquitto', brew: 'mosquitto' }, '-h'),
  async launch(_world, { program }, { scratch, ports }) {
    const file = path.join(scratch, 'mosquitto.conf');
    const user = process.getuid?.() === 0 ? ['user root'] : [];
    await writeFile(
      file,
      `${[`listener ${ports.main} ${loopback}`, 'allow_anonymous true', 'persistence false', 'log_dest stderr', ...user].join('\n')}\n`,
    );
    return { argv: [program, '-c', file], env: {}, user: null };
  },
};

export const memcached: Server<Small> = {
  ...found('memcached', { apt: 'memcached', brew: 'memcached' }, '--version'),
  launch: (_world, { program }, { ports, asker }) => {
    const user = process.getuid?.() === 0 ? ['-u', 'root'] : [];
    return {
      argv: [program, '-l', loopback, '-p', String(ports.main), '-m', parameter(asker, 'memory', '64'), ...user],
      env: {},
      user: null,
    };
  },
};
