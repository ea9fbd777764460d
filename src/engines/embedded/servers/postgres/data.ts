/** Data directories: one made by initdb per version, user and database, packed, and unpacked for each new instance. */

import { createHash } from 'node:crypto';
import { appendFile, chown, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { EnvctlError } from '../../../../model/errors.js';
import { textOf } from '../../context.js';
import { fillOnce, makeOnce, pack, unpack } from '../../files.js';
import { runTool } from '../../run-tool.js';
import { parameter, type ServerDirectories, type ServerRequest, type User } from '../server.js';
import { type Postgres, program } from './binaries.js';
import { scramVerifier } from './scram.js';

/** Disposable data: speed over durability. Loopback and passwords only; the rest as the official image has it. */
const settings = `
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
password_encryption = 'scram-sha-256'
fsync = off
synchronous_commit = off
full_page_writes = off
timezone = 'UTC'
log_timezone = 'UTC'
`;
const access = `
host all all 127.0.0.1/32 scram-sha-256
host replication all 127.0.0.1/32 scram-sha-256
`;

const userOf = (asker: ServerRequest): string => parameter(asker, 'user', 'postgres');
const databaseOf = (asker: ServerRequest): string => parameter(asker, 'database', userOf(asker));

function templateFolder(tool: Postgres, asker: ServerRequest): string {
  const name = createHash('sha256')
    .update(JSON.stringify([userOf(asker), databaseOf(asker), settings, access, placeholder]))
    .digest('hex')
    .slice(0, 16);
  return path.join(tool.cache, 'templates', name);
}

/** The template data directory: a superuser without a password and an empty database, as the image's first start makes them. */
export async function prepareData(tool: Postgres, asker: ServerRequest, user: User | null): Promise<void> {
  await makeOnce(templateFolder(tool, asker), async (folder) => {
    const data = path.join(folder, 'data');
    if (user) await chown(folder, user.uid, user.gid);
    await run(
      program(tool, 'initdb'),
      [
        '-D',
        data,
        '-U',
        userOf(asker),
        '-E',
        'UTF8',
        '--locale=C',
        '-T',
        'english',
        ...newerOptions(tool),
        '--auth=trust',
        '--no-sync',
      ],
      { user, asker },
    );
    await appendFile(path.join(data, 'postgresql.conf'), settings);
    await writeFile(path.join(data, 'pg_hba.conf'), access);
    await statement(tool, { data, asker, user, sql: `ALTER ROLE ${quoted(userOf(asker))} PASSWORD '${placeholder}'` });
    if (databaseOf(asker) !== 'postgres')
      await statement(tool, {
        data,
        asker,
        user,
        sql: `CREATE DATABASE ${quoted(databaseOf(asker))} OWNER ${quoted(userOf(asker))}`,
      });
    await pack(data, path.join(folder, 'data.tar'), asker.env);
    await rm(data, { recursive: true });
  });
}

/** ICU sorts text as the official image's `en_US.utf8` does; small segments and no checksums make the copy small and quick. */
function newerOptions({ major }: Postgres): readonly string[] {
  const segments = major >= 11 ? ['--wal-segsize=1'] : [];
  const collation = major >= 15 ? ['--locale-provider=icu', '--icu-locale=en-US'] : [];
  return [...segments, ...collation, ...(major >= 18 ? ['--no-data-checksums'] : [])];
}

/** A copy of the template with its own password. Throws SERVICE_FAILED where the store holds data of another major version. */
export async function fillData(tool: Postgres, place: ServerDirectories): Promise<void> {
  const { asker, store } = place;
  const held = textOf(path.join(store, 'data/PG_VERSION'))?.trim();
  if (held === String(tool.major)) return;
  if (held) throw otherVersion(asker, held, tool);
  await fillOnce(store, async (data) => {
    await unpack(path.join(templateFolder(tool, asker), 'data.tar'), data, asker.env);
    await setPassword(data, parameter(asker, 'password', ''));
  });
}

/** The template's password, which no one knows: its verifier is as long as any other. */
const placeholder = `SCRAM-SHA-256$4096:${'envctl+template+salt++++'}$${'A'.repeat(43)}=:${'A'.repeat(43)}=`;
/** Where PostgreSQL keeps its roles (pg_authid), in every version: that table's file has a fixed number. */
const roles = 'global/1260';

/**
 * Puts a verifier in the place of the template's. The server is down and was shut down cleanly, and pages carry no checksums, so this
 * does what ALTER ROLE would, without starting a server for it: half of the time that a cold start takes.
 */
async function setPassword(data: string, password: string): Promise<void> {
  const file = path.join(data, roles);
  const table = await readFile(file);
  const at = table.indexOf(placeholder);
  const verifier = scramVerifier(password);
  if (at < 0 || table.indexOf(placeholder, at + 1) >= 0 || verifier.length !== placeholder.length)
    throw new Error(`bug: ${file} does not hold the template's password once`);
  table.write(verifier, at);
  await writeFile(file, table);
}

const otherVersion = (asker: ServerRequest, held: string, tool: Postgres): EnvctlError =>
  new EnvctlError(
    'SERVICE_FAILED',
    `the data of "${asker.service}" is PostgreSQL ${held}'s, and ${tool.major} is to run`,
    {
      hint: `Set the version back to ${held}, or remove the data with \`envctl down\`.`,
      service: asker.service,
    },
  );

const quoted = (identifier: string): string => `"${identifier.replaceAll('"', '""')}"`;

interface Statement {
  readonly data: string;
  readonly asker: ServerRequest;
  readonly user: User | null;
  readonly sql: string;
}

/** One statement in single-user mode: no port, no socket, nobody else; it says `ERROR:` and exits 0 where it fails. */
async function statement(tool: Postgres, { data, asker, user, sql }: Statement): Promise<void> {
  const quick = [
    'fsync=off',
    'synchronous_commit=off',
    'full_page_writes=off',
    'shared_buffers=16MB',
    'min_wal_size=2MB',
    'max_wal_size=2MB',
  ].flatMap((setting) => ['-c', setting]);
  await run(program(tool, 'postgres'), ['--single', '-j', '-D', data, ...quick, 'template1'], {
    user,
    asker,
    input: `${sql};\n\n`,
  });
}

interface RunOptions {
  readonly user: User | null;
  readonly asker: ServerRequest;
  readonly input?: string;
}

async function run(file: string, argv: readonly string[], { user, asker, input }: RunOptions): Promise<void> {
  const { exitCode, stderr } = await runTool([file, ...argv], {
    runAs: user,
    env: { ...asker.env, LC_ALL: 'C', TZ: 'UTC' },
    stdin: input,
  });
  if (exitCode === 0 && !/(ERROR|FATAL|PANIC):/.test(stderr)) return;
  throw new EnvctlError('SERVICE_FAILED', `${path.basename(file)} of "${asker.service}" failed (exit ${exitCode})`, {
    hint: `If it speaks of its own files, remove ${path.dirname(path.dirname(path.dirname(file)))} and try again.`,
    detail: stderr.trim(),
    service: asker.service,
  });
}
