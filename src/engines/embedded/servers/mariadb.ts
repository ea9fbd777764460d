import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { EnvctlError } from '../../../model/errors.js';
import type { EmbeddedContext } from '../context.js';
import { fillOnce, makeOnce, pack, unpack } from '../files.js';
import { loopback } from '../ports.js';
import { runTool } from '../run-tool.js';
import { requireProgram, satisfies, versionOf } from './programs.js';
import { parameter, type Server, type ServerRequest } from './server.js';

interface MariaDb {
  readonly program: string;
  readonly installer: string;
  readonly version: string;
}

/** Stands in for MySQL too, and says so. */
export const mariadb: Server<MariaDb> = {
  names: ['mariadbd'],
  async find(world, asker) {
    const packages = { apt: 'mariadb-server', brew: 'mariadb' };
    const program = requireProgram(world, asker, { names: ['mariadbd'], packages });
    const installer = requireProgram(world, asker, { names: ['mariadb-install-db'], packages });
    /** What the installer calls; Debian's `mariadb-server-core` alone is without it. */
    requireProgram(world, asker, { names: ['my_print_defaults'], packages });
    return { program, installer, version: (await versionOf(program, asker)) ?? 'unknown' };
  },
  differs: ({ version }, asker) =>
    satisfies(version, parameter(asker, 'version', 'latest')) ? null : `MariaDB ${version}`,
  async prepare(world, tool, asker) {
    await makeOnce(templateFolder(world, tool), (folder) => install(tool, folder, asker));
  },
  async fill(world, tool, { store, asker }) {
    if (existsSync(path.join(store, 'data'))) return;
    await fillOnce(store, (data) => unpack(path.join(templateFolder(world, tool), 'data.tar'), data, asker.env));
  },
  async launch(_world, { program }, { store, scratch, ports, asker }) {
    const setUp = path.join(scratch, 'init.sql');
    await writeFile(setUp, setUpStatements(asker), { mode: 0o600 });
    const quick = ['--innodb-flush-log-at-trx-commit=0', '--innodb-doublewrite=0', '--sync-binlog=0'];
    const files = [
      `--datadir=${path.join(store, 'data')}`,
      '--socket=mariadb.sock',
      `--pid-file=${path.join(store, 'mariadb.pid')}`,
      `--init-file=${setUp}`,
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
        ...quick,
      ],
      env: {},
      user: null,
    };
  },
};

const asRoot = (): readonly string[] => (process.getuid?.() === 0 ? ['--user=root'] : []);

function templateFolder(world: EmbeddedContext, { program, version }: MariaDb): string {
  return path.join(
    world.cacheDir,
    'mariadb',
    `${version}-${createHash('sha256').update(program).digest('hex').slice(0, 8)}`,
  );
}

async function install({ installer }: MariaDb, folder: string, asker: ServerRequest): Promise<void> {
  const data = path.join(folder, 'data');
  await mkdir(data, { mode: 0o700 });
  const options = [`--datadir=${data}`, '--auth-root-authentication-method=normal', '--skip-test-db', ...asRoot()];
  const { exitCode, stdout, stderr } = await runTool([installer, '--no-defaults', ...options], {
    env: asker.env,
    timeoutMs: 120_000,
  });
  if (exitCode !== 0)
    throw new EnvctlError('SERVICE_FAILED', `mariadb-install-db of "${asker.service}" failed`, {
      hint: 'Its own words are below; a complete `mariadb-server` package has all that it needs.',
      detail: `${stdout}${stderr}`.trim(),
      service: asker.service,
    });
  await pack(data, path.join(folder, 'data.tar'), asker.env);
  await rm(data, { recursive: true });
}

/** Run by the server before it takes connections, at every start: safe to repeat. A client on loopback is `127.0.0.1` or `localhost`. */
function setUpStatements(asker: ServerRequest): string {
  const user = parameter(asker, 'user', 'root');
  const database = parameter(asker, 'database', '');
  const password = literal(parameter(asker, 'password', ''));
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
