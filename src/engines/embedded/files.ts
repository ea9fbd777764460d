/** Files and folders of this engine: made whole or not at all. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { namesIn } from './context.js';
import { birthOf } from './process-table.js';
import { requireTool } from './run-tool.js';

/**
 * Makes a folder by `make` in another one beside it, then gives it its name in one step: what has the name is whole.
 * Where two make the same at once the first one's stays. Left-overs of callers that were killed are discarded.
 */
export async function makeOnce(target: string, make: (folder: string) => Promise<void>): Promise<void> {
  if (existsSync(target)) return;
  const parent = path.dirname(target);
  await mkdir(parent, { recursive: true, mode: 0o755 });
  await sweep(target);
  const folder = `${target}.making-${process.pid}-${randomBytes(4).toString('hex')}`;
  try {
    await mkdir(folder, { mode: 0o755 });
    await make(folder);
    await rename(folder, target);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    if (!existsSync(target)) throw error;
  }
}

async function sweep(target: string): Promise<void> {
  const prefix = `${path.basename(target)}.making-`;
  const left = namesIn(path.dirname(target)).filter(
    (name) => name.startsWith(prefix) && birthOf(Number.parseInt(name.slice(prefix.length), 10)) === null,
  );
  await Promise.all(left.map((name) => discard(path.join(path.dirname(target), name))));
}

/** Removes left-overs as far as it can: a program of a killed caller may still be writing there. */
export const discard = (folder: string): Promise<void> =>
  rm(folder, { recursive: true, force: true, maxRetries: 3, retryDelay: 50 }).catch(() => undefined);

/** Fills `<store>/data` as `makeOnce` does. It is made in a new place each time: whoever was killed over the last may still write there. */
export async function fillOnce(store: string, fill: (data: string) => Promise<void>): Promise<void> {
  const left = namesIn(store).filter((name) => name.startsWith('.filling-'));
  await Promise.all(left.map((name) => discard(path.join(store, name))));
  const folder = path.join(store, `.filling-${randomBytes(4).toString('hex')}`);
  await fill(folder);
  await rename(folder, path.join(store, 'data'));
}

/** Puts a folder with owners and modes into one file. */
export async function pack(folder: string, file: string, env: Readonly<Record<string, string>>): Promise<void> {
  await requireTool(['tar', '--numeric-owner', '-C', folder, '-cf', file, '.'], env);
}

/**
 * The folder that was packed, anew. Of a thousand small files this takes a third of the work of `cp -a`, a tenth of Node's own `cp`:
 * they are read in one go, and nothing is asked about each.
 */
export async function unpack(file: string, folder: string, env: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(folder, { mode: 0o700 });
  await requireTool(['tar', '--numeric-owner', '-C', folder, '-xpf', file], env);
}

/** Copies what is below a folder into another one. */
export async function copyInto(from: string, to: string, env: Readonly<Record<string, string>>): Promise<void> {
  await requireTool(['cp', '-Rp', `${from}/.`, to], env);
}

/** Lets everybody read what is below a folder, and run what its owner may run. */
export const openFiles = (folder: string, env: Readonly<Record<string, string>>): Promise<void> =>
  requireTool(['chmod', '-R', 'a+rX', folder], env);

/** The nearest folder on the way to `target` that an unprivileged user cannot pass; null: none. */
export async function closedFolder(target: string): Promise<string | null> {
  for (let folder = target; folder !== path.dirname(folder); folder = path.dirname(folder)) {
    const mode = (await stat(folder).catch(() => null))?.mode;
    if (mode !== undefined && (mode & 0o001) === 0) return folder;
  }
  return null;
}

/** A folder others may pass through but not list. */
export async function openFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o711);
}
