import { existsSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { loopback } from '../state/ports.js';
import { requireProgram } from './programs.js';
import { parameter, type Server, type ServerReplica } from './server.js';

interface RabbitMqProgram {
  readonly program: string;
}

/**
 * Each node has a unique name and its own epmd (Erlang's name server) on its own port: a shared one would outlive it.
 * Debian's script on PATH changes to the user `rabbitmq`; the one in /usr/lib does not.
 */
export const rabbitmq: Server<RabbitMqProgram> = {
  names: ['rabbitmq-server'],
  find(context, request) {
    const packages = { apt: 'rabbitmq-server', brew: 'rabbitmq' };
    const direct = '/usr/lib/rabbitmq/bin/rabbitmq-server';
    const found = requireProgram(context, request, { names: ['rabbitmq-server'], packages });
    return { program: existsSync(direct) ? direct : found };
  },
  extraPorts: ['epmd', 'distribution'],
  async launch(_context, { program }, replica) {
    const { store, scratch, ports } = replica;
    const files = await writeFiles(replica);
    return {
      argv: [program],
      env: {
        HOME: store,
        RABBITMQ_NODENAME: `envctl-${ports.main}@localhost`,
        RABBITMQ_CONFIG_FILE: files.config,
        RABBITMQ_ENABLED_PLUGINS_FILE: files.plugins,
        RABBITMQ_MNESIA_BASE: path.join(store, 'mnesia'),
        RABBITMQ_LOG_BASE: path.join(scratch, 'logs'),
        RABBITMQ_LOGS: '-',
        RABBITMQ_PID_FILE: path.join(scratch, 'pid'),
        RABBITMQ_GENERATED_CONFIG_DIR: path.join(scratch, 'generated'),
        RABBITMQ_CONF_ENV_FILE: '/dev/null',
        RABBITMQ_DIST_PORT: String(ports.distribution),
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
        ERL_EPMD_PORT: String(ports.epmd),
        ERL_EPMD_ADDRESS: loopback,
      },
      user: null,
    };
  },
};

async function writeFiles({
  store,
  scratch,
  ports,
  request,
}: ServerReplica): Promise<{ readonly config: string; readonly plugins: string }> {
  const config = path.join(scratch, 'rabbitmq.conf');
  const plugins = path.join(scratch, 'enabled_plugins');
  const management =
    ports.management === undefined
      ? []
      : [`management.tcp.ip = ${loopback}`, `management.tcp.port = ${ports.management}`];
  const lines = [
    `listeners.tcp.1 = ${loopback}:${ports.main}`,
    'loopback_users = none',
    'log.console = true',
    `default_user = ${parameter(request, 'user', 'guest')}`,
    `default_pass = ${parameter(request, 'password', 'guest')}`,
    `default_vhost = ${parameter(request, 'vhost', '/')}`,
    ...management,
  ];
  await writeFile(config, `${lines.join('\n')}\n`, { mode: 0o600 });
  await writeFile(plugins, management.length > 0 ? '[rabbitmq_management].\n' : '[].\n');
  await mkdir(path.join(scratch, 'logs'), { recursive: true });
  await writeFile(path.join(store, '.erlang.cookie'), parameter(request, 'password', 'envctl'), {
    mode: 0o400,
    flag: 'wx',
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await chmod(path.join(store, '.erlang.cookie'), 0o400);
  return { config, plugins };
}
