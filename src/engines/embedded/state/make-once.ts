/** Folders that are complete as soon as they have their name. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { birthOf } from '../processes/process-table.js';
import { entriesIn } from './paths.js';

/**
 * Makes a folder under a temporary name, then renames it. If two processes make the same folder, the first one wins.
 * Removes what killed processes left behind.
 */
export async function makeOnce(target: string, make: (folder: string) => Promise<void>): Promise<void> {
  if (existsSync(target)) return;
  await mkdir(path.dirname(target), { recursive: true, mode: 0o755 });
  await discardUnfinished(target);
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

async function discardUnfinished(target: string): Promise<void> {
  const prefix = `${path.basename(target)}.making-`;
  const left = entriesIn(path.dirname(target)).filter(
    (name) => name.startsWith(prefix) && birthOf(Number.parseInt(name.slice(prefix.length), 10)) === null,
  );
  await Promise.all(left.map((name) => discard(path.join(path.dirname(target), name))));
}

/** Removes a folder as far as possible: a program of a killed process may still write to it. */
export const discard = (folder: string): Promise<void> =>
  rm(folder, { recursive: true, force: true, maxRetries: 3, retryDelay: 50 }).catch(() => undefined);

/** Fills `<store>/data` as `makeOnce` does. Each attempt uses a new name: a killed one may still write to its own. */
export async function fillOnce(store: string, fill: (data: string) => Promise<void>): Promise<void> {
  const left = entriesIn(store).filter((name) => name.startsWith('.filling-'));
  await Promise.all(left.map((name) => discard(path.join(store, name))));
  const folder = path.join(store, `.filling-${randomBytes(4).toString('hex')}`);
  await fill(folder);
  await rename(folder, path.join(store, 'data'));
}
