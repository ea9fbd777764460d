import type { PrepareOptions } from '../model/engine.js';
import type { Environment } from '../model/environment.js';
import type { Plan } from '../model/plan.js';
import type { Prepared } from '../model/workload.js';
import { bindEnvironment } from '../plan/bind.js';
import { mountedFiles } from '../plan/fingerprint.js';
import { planUp } from '../plan/plan.js';
import { portsToReserve } from '../plan/ports-to-reserve.js';
import type { ReconcileOptions } from '../plan/reconcile.js';
import type { UpDependencies } from './up-dependencies.js';

export interface PlanEnvironmentOptions extends ReconcileOptions, Pick<PrepareOptions, 'observed' | 'images' | 'pull'> {
  /** Secrets that must not be readable from a fingerprint. */
  readonly secrets: readonly string[];
  /** All services were requested, not only some: then orphans are removed. */
  readonly wholeProfile: boolean;
}

/** Prepares images and addresses, binds the environment to them and plans. Creates no service. */
export async function planEnvironment(
  environment: Environment,
  { engine, emit, signal, hashFile }: UpDependencies,
  options: PlanEnvironmentOptions,
): Promise<{ prepared: Prepared; plan: Plan }> {
  const { observed, images, pull, secrets, wholeProfile, reuse, named } = options;
  const [preparation, hashes] = await Promise.all([
    engine.prepare(environment, { observed, reserve: portsToReserve(environment), images, pull }, { signal, emit }),
    hashFiles(mountedFiles(environment), hashFile),
  ]);
  const prepared = bindEnvironment({ environment, preparation, runs: engine.runs, hashes, secrets });
  const removeOrphans = wholeProfile && reuse === 'reconcile';
  return { prepared, plan: planUp(prepared, observed, { reuse, named, removeOrphans }) };
}

async function hashFiles(
  paths: readonly string[],
  hashFile: UpDependencies['hashFile'],
): Promise<Readonly<Record<string, string>>> {
  const hashes = await Promise.all(paths.map(async (path) => [path, (await hashFile(path)) ?? ''] as const));
  return Object.fromEntries(hashes);
}
