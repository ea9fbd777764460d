/** The template data directory: made by initdb once per version, user and database, and packed. */
import { createHash } from 'node:crypto';
import { appendFile, chown, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { EnvctlError } from '../../../../model/errors.js';
import { runTool } from '../../processes/run-tool.js';
import { pack } from '../../state/archive.js';
import { makeOnce } from '../../state/make-once.js';
import { parameter, type ServerRequest, type UnixUser } from '../server.js';
import { type PostgresBuild, program } from './binaries.js';

/** Verifier of the template's password: matches no password and is as long as any real one. */
export const placeholder = `SCRAM-SHA-256$4096:${'envctl+template+salt++++'}$${'A'.repeat(43)}=:${'A'.repeat(43)}=`;
/** Speed over durability, loopback with passwords only; otherwise as in the official image. */
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

const userOf = (request: ServerRequest): string => parameter(request, 'user', 'postgres');
const databaseOf = (request: ServerRequest): string => parameter(request, 'database', userOf(request));

export function templateFolder(tool: PostgresBuild, request: ServerRequest): string {
  const name = createHash('sha256')
    .update(JSON.stringify([userOf(request), databaseOf(request), settings, access, placeholder]))
    .digest('hex')
    .slice(0, 16);
  return path.join(tool.cache, 'templates', name);
}

/**
 * Makes the template data directory: a superuser and an empty database, as the official image does at its first start.
 */
export async function prepareTemplate(
  tool: PostgresBuild,
  request: ServerRequest,
  user: UnixUser | null,
): Promise<void> {
  await makeOnce(templateFolder(tool, request), async (folder) => {
    const data = path.join(folder, 'data');
    if (user) await chown(folder, user.uid, user.gid);
    await run(program(tool, 'initdb'), initdbArguments(tool, request, data), { user, request });
    await appendFile(path.join(data, 'postgresql.conf'), settings);
    await writeFile(path.join(data, 'pg_hba.conf'), access);
    await statement(tool, {
      data,
      request,
      user,
      sql: `ALTER ROLE ${quoted(userOf(request))} PASSWORD '${placeholder}'`,
    });
    if (databaseOf(request) !== 'postgres')
      await statement(tool, {
        data,
        request,
        user,
        sql: `CREATE DATABASE ${quoted(databaseOf(request))} OWNER ${quoted(userOf(request))}`,
      });
    await pack(data, path.join(folder, 'data.tar'), request.env);
    await rm(data, { recursive: true });
  });
}

function initdbArguments(tool: PostgresBuild, request: ServerRequest, data: string): readonly string[] {
  const fixed = ['-E', 'UTF8', '--locale=C', '-T', 'english', '--auth=trust', '--no-sync'];
  return ['-D', data, '-U', userOf(request), ...fixed, ...newerOptions(tool)];
}

/**
 * ICU sorts text like the official image's `en_US.utf8`. Small segments and no checksums make copies small and fast.
 */
function newerOptions({ major }: PostgresBuild): readonly string[] {
  const segments = major >= 11 ? ['--wal-segsize=1'] : [];
  const collation = major >= 15 ? ['--locale-provider=icu', '--icu-locale=en-US'] : [];
  return [...segments, ...collation, ...(major >= 18 ? ['--no-data-checksums'] : [])];
}

const quoted = (identifier: string): string => `"${identifier.replaceAll('"', '""')}"`;

interface SingleUserStatement {
  readonly data: string;
  readonly request: ServerRequest;
  readonly user: UnixUser | null;
  readonly sql: string;
}

/**
 * Runs one statement in single-user mode, without a port. It prints `ERROR:` and exits with 0 if the statement fails.
 */
async function statement(tool: PostgresBuild, { data, request, user, sql }: SingleUserStatement): Promise<void> {
  const options = [
    'fsync=off',
    'synchronous_commit=off',
    'full_page_writes=off',
    'shared_buffers=16MB',
    'min_wal_size=2MB',
    'max_wal_size=2MB',
  ].flatMap((setting) => ['-c', setting]);
  await run(program(tool, 'postgres'), ['--single', '-j', '-D', data, ...options, 'template1'], {
    user,
    request,
    input: `${sql};\n\n`,
  });
}

interface ProgramOptions {
  readonly user: UnixUser | null;
  readonly request: ServerRequest;
  readonly input?: string;
}

async function run(file: string, argv: readonly string[], { user, request, input }: ProgramOptions): Promise<void> {
  const { exitCode, stderr } = await runTool([file, ...argv], {
    runAs: user,
    env: { ...request.env, LC_ALL: 'C', TZ: 'UTC' },
    stdin: input,
  });
  if (exitCode === 0 && !/(ERROR|FATAL|PANIC):/.test(stderr)) return;
  const cache = path.dirname(path.dirname(path.dirname(file)));
  throw new EnvctlError(
    'SERVICE_FAILED',
    `\`${path.basename(file)}\` failed for "${request.service}" with exit code ${exitCode}`,
    {
      hint: `If the output below mentions missing or damaged files, remove ${cache} and try again.`,
      detail: stderr.trim(),
      service: request.service,
    },
  );
}
