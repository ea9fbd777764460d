import { chmod, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Ledger, LedgerEntry } from '../model/protocol.js';

/** What `.envctl/` of a project holds for an instance. A cache: nothing is lost with it but convenience. */
export const instanceFolder = (project: string, instance: string): string => join(project, '.envctl', instance);

/** Written beside and renamed, so that no reader sees half of it and an old wide mode is not kept. */
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

/** A folder of ours, 0700, that git does not see. */
export async function makeIgnoredFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(join(folder, '.gitignore'), '*\n', { flag: 'wx' }).catch(() => undefined);
}

export const removeInstanceFolder = (project: string, instance: string): Promise<void> =>
  rm(instanceFolder(project, instance), { recursive: true, force: true });

/** Seeds of services whose store cannot remember them; they hold for one life of the service. */
export function fileLedger(folder: string, service: string, incarnation: string): Ledger {
  const path = join(folder, `seeds-${service}.json`);
  const read = async (): Promise<readonly LedgerEntry[]> => {
    try {
      const kept = JSON.parse(await readFile(path, 'utf8')) as { incarnation: string; entries: LedgerEntry[] };
      return kept.incarnation === incarnation ? kept.entries : [];
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

/** Notes the engine that has an instance, running or only its data. */
export const writeEngine = ({
  project,
  id,
  engine,
}: {
  readonly project: string;
  readonly id: string;
  readonly engine: string;
}): Promise<void> => writePrivate(join(instanceFolder(project, id), 'engine'), `${engine}\n`);

/** The engine that last ran an instance, as far as this cache knows. */
export async function lastEngine(project: string, instance: string): Promise<string | null> {
  const text = await readFile(join(instanceFolder(project, instance), 'engine'), 'utf8').catch(() => '');
  return text.trim() || null;
}
