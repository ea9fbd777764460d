import { chmod, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Ledger, LedgerEntry } from '../model/protocol.js';

/** The folder of an instance in the project's `.envctl/`. A cache: it can be deleted at any time. */
export const instanceFolder = (project: string, instance: string): string => join(project, '.envctl', instance);

/** Writes a new file and renames it, so that no reader sees half of it and the mode is 0600. */
export async function writePrivate(path: string, text: string): Promise<void> {
  await makeIgnoredFolder(dirname(path));
  const draft = `${path}.${process.pid}.tmp`;
  const file = await open(draft, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await chmod(draft, 0o600);
  await rename(draft, path);
}

/** A folder with mode 0700 that git ignores. */
export async function makeIgnoredFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(join(folder, '.gitignore'), '*\n', { flag: 'wx' }).catch(() => undefined);
}

export const removeInstanceFolder = (project: string, instance: string): Promise<void> =>
  rm(instanceFolder(project, instance), { recursive: true, force: true });

/** The ledger of a service whose store cannot hold one; it is valid for one life of the service. */
export function fileLedger(folder: string, service: string, incarnation: string): Ledger {
  const path = join(folder, `seeds-${service}.json`);
  const read = async (): Promise<readonly LedgerEntry[]> => {
    try {
      const file = JSON.parse(await readFile(path, 'utf8')) as { incarnation: string; entries: LedgerEntry[] };
      return file.incarnation === incarnation ? file.entries : [];
    } catch {
      return [];
    }
  };
  return {
    read,
    write: async (entry) => {
      const entries = [...(await read()).filter((one) => one.index !== entry.index), entry];
      await writePrivate(path, `${JSON.stringify({ incarnation, entries }, null, 2)}\n`);
    },
  };
}

/** Remembers the engine of an instance, running or only with kept data. */
export const writeEngine = ({
  project,
  id,
  engine,
}: {
  readonly project: string;
  readonly id: string;
  readonly engine: string;
}): Promise<void> => writePrivate(join(instanceFolder(project, id), 'engine'), `${engine}\n`);

/** The engine that last ran an instance; null: unknown. */
export async function lastEngine(project: string, instance: string): Promise<string | null> {
  const text = await readFile(join(instanceFolder(project, instance), 'engine'), 'utf8').catch(() => '');
  return text.trim() || null;
}
