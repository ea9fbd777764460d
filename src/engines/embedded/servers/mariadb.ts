import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { EnvctlError } from '../../../model/errors.js';
import type { EmbeddedContext } from '../context.js';
import { runTool } from '../processes/run-tool.js';
import { pack, unpack } from '../state/archive.js';
import { fillOnce, makeOnce } from '../state/make-once.js';
import { loopback } from '../state/ports.js';
import { requireProgram, satisfies, versionOf } from './programs.js';
import { parameter, type Server, type ServerRequest } from './server.js';

interface MariaDbPrograms {
  readonly program: string;
  readonly installer: string;
  readonly version: string;
}

/** Also runs for templates that ask for MySQL; `differs` reports it. */
export const mariadb: Server<MariaDbPrograms> = {
  names: ['mariadbd'],
  async find(context, request) {
    const packages = { apt: 'mariadb-server', brew: 'mariadb' };
    const program = requireProgram(context, request, { names: ['mariadbd'], packages });
    const installer = requireProgram(context, request, { names: ['mariadb-install-db'], packages });
    // The installer calls it; Debian's `mariadb-server-core` does not contain it.
    requireProgram(context, request, { names: ['my_print_defaults'], packages });
    return { program, installer, version: (await versionOf(program, request)) ?? 'unknown' };
  },
  differs: ({ version }, request) =>
    satisfies(version, parameter(request, 'version', 'latest')) ? null : `MariaDB ${version}`,
  async prepare(context, tool, request) {
    await makeOnce(templateFolder(context, tool), (folder) => install(tool, folder, request));
  },
  async fill(context, tool, { store, request }) {
    if (existsSync(path.join(store, 'data'))) return;
    await fillOnce(store, (data) => unpack(path.join(templateFolder(context, tool), 'data.tar'), data, request.env));
  },
  async launch(_context, { program }, { store, scratch, ports, request }) {
    const initFile = path.join(scratch, 'init.sql');
    await writeFile(initFile, initStatements(request), { mode: 0o600 });
    const fast = ['--innodb-flush-log-at-trx-commit=0', '--innodb-doublewrite=0', '--sync-binlog=0'];
    const files = [
      `--datadir=${path.join(store, 'data')}`,
      '--socket=mariadb.sock',
      `--pid-file=${path.join(store, 'mariadb.pid')}`,
      `--init-file=${initFile}`,
    ];
    return {
      argv: [
        program,
        '--no-defaults',
        ...files,
        `--bind-address=${loopback}`,
        `--port=${ports.main}`,
        '--skip-name-resolve',
        ...asRoot(),
        ...fast,
      ],
      env: {},
      user: null,
    };
  },
};

const asRoot = (): readonly string[] => (process.getuid?.() === 0 ? ['--user=root'] : []);

function templateFolder(context: EmbeddedContext, { program, version }: MariaDbPrograms): string {
  return path.join(
    context.cacheDir,
    'mariadb',
    `${version}-${createHash('sha256').update(program).digest('hex').slice(0, 8)}`,
  );
}

async function install({ installer }: MariaDbPrograms, folder: string, request: ServerRequest): Promise<void> {
  const data = path.join(folder, 'data');
  await mkdir(data, { mode: 0o700 });
  const options = [`--datadir=${data}`, '--auth-root-authentication-method=normal', '--skip-test-db', ...asRoot()];
  const { exitCode, stdout, stderr } = await runTool([installer, '--no-defaults', ...options], {
    env: request.env,
    timeoutMs: 120_000,
  });
  if (exitCode !== 0)
    throw new EnvctlError('SERVICE_FAILED', `\`mariadb-install-db\` failed for "${request.service}"`, {
      hint: 'See its output below. A complete `mariadb-server` package contains everything it needs.',
      detail: `${stdout}${stderr}`.trim(),
      service: request.service,
    });
  await pack(data, path.join(folder, 'data.tar'), request.env);
  await rm(data, { recursive: true });
}

/**
 * Run by the server at every start, before it accepts connections, so they are safe to repeat. A client on loopback is
 * `127.0.0.1` or `localhost`.
 */
function initStatements(request: ServerRequest): string {
  const user = parameter(request, 'user', 'root');
  const database = parameter(request, 'database', '');
  const password = literal(parameter(request, 'password', ''));
  const users = [...new Set([user, 'root'])].flatMap((name) =>
    ['localhost', '127.0.0.1', '%'].map((host) => `${literal(name)}@${literal(host)}`),
  );
  const grants = users.flatMap((name) => [
    `CREATE OR REPLACE USER ${name} IDENTIFIED BY ${password};`,
    `GRANT ALL PRIVILEGES ON *.* TO ${name} WITH GRANT OPTION;`,
  ]);
  const create = database === '' ? [] : [`CREATE DATABASE IF NOT EXISTS \`${database.replaceAll('`', '``')}\`;`];
  return `${[...create, ...grants].join('\n')}\n`;
}

const literal = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
