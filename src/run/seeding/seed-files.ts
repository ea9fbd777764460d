import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import type { Environment } from '../../model/environment.js';
import { EnvctlError } from '../../model/errors.js';
import type { Host } from '../../model/host.js';
import type { Position } from '../../model/profile.js';
import type { SeedKind, SeedStep, SeedStepOf } from '../../model/service.js';
import { declarationOf, fileOf } from '../../profile/seeds/kinds.js';

/**
 * Checks seed files before anything is created. Files that an earlier command of the same service may write are not
 * checked. Throws SEED_FAILED.
 */
export async function requireSeedFiles({ services }: Environment, host: Host): Promise<void> {
  for (const { seed } of services) {
    const writer = seed.steps.findIndex((step) => declarationOf(step).writesFiles);
    for (const step of writer < 0 ? seed.steps : seed.steps.slice(0, writer)) {
      const file = fileOf(step);
      if (file !== null && (await host.stat(file)) === null) throw missingFile(step, file);
    }
  }
}

/** Replaces each folder by one step per file in it, by name. */
export async function expandFolders(steps: readonly SeedStep[], host: Host): Promise<readonly SeedStep[]> {
  return (await Promise.all(steps.map((step) => filesOf(step, host)))).flat();
}

async function filesOf(step: SeedStep, host: Host): Promise<readonly SeedStep[]> {
  const { folderOf: suffix } = declarationOf(step);
  const file = fileOf(step);
  if (suffix === undefined || file === null) return [step];
  const found = await host.stat(file);
  if (!found) throw missingFile(step, file);
  if (found.kind !== 'directory') return [step];
  const names = found.entries.filter((name) => name.endsWith(suffix));
  if (names.length === 0) throw missingFile(step, join(file, `*${suffix}`));
  return names.map((name) => ({ ...step, file: join(file, name) }));
}

function missingFile(step: SeedStep, path: string): EnvctlError {
  return new EnvctlError('SEED_FAILED', `Seed file "${path}" does not exist`, {
    hint: "Paths in a profile are relative to the profile's file.",
    position: step.position,
  });
}

/** Of the step as written and its file's content: resolved addresses differ between runs. */
export async function seedHash<K extends SeedKind>(step: SeedStepOf<K>, host: Host): Promise<string> {
  const { identity } = declarationOf(step);
  const rest: object = { ...(identity ? identity(step) : step), position: undefined };
  const file = fileOf(step);
  const hash = createHash('sha256');
  hash.update(JSON.stringify(file === null ? rest : { ...rest, file: basename(file) }));
  if (file !== null) hash.update(await readSeed(file, step.position, host));
  return hash.digest('hex').slice(0, 16);
}

async function readSeed(file: string, position: Position, host: Host): Promise<Uint8Array> {
  try {
    return await host.read(file);
  } catch (error) {
    throw new EnvctlError('SEED_FAILED', `Seed file "${file}" cannot be read`, {
      hint: 'Check its permissions.',
      detail: String((error as Error).message),
      position,
    });
  }
}
