/** Puts a service's seeds in, each once: what a store already holds is read from the store itself. */

import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import { formatDuration } from '../model/durations.js';
import type { Environment } from '../model/environment.js';
import { EnvctlError } from '../model/errors.js';
import type { Emit } from '../model/events.js';
import type { Host } from '../model/host.js';
import type { Position } from '../model/profile.js';
import type { Ledger, LedgerEntry, Protocol, RunSeed, SeedRunners, SeedTask } from '../model/protocol.js';
import type { SeedKind, SeedStep, SeedStepOf, Service } from '../model/service.js';
import type { ReusePolicy } from '../plan/reconcile.js';
import { declarationOf, fileOf, seedKinds, stepName } from '../profile/seeds/kinds.js';
import type { ResolveText, SeedRunContext } from '../profile/seeds/seed-kind.js';

export interface SeedingContext extends SeedRunContext {
  readonly emit: Emit;
  /** What was put in during this life of the service, noted outside of it: the ledger where its protocol keeps none. */
  readonly notes: Ledger;
  readonly reuse: ReusePolicy;
  readonly resolve: ResolveText;
}

/** Throws SEED_FAILED with file and line, SEED_CHANGED when a seed that ran before says something else now. */
export async function seedService(service: Service, context: SeedingContext): Promise<void> {
  const protocol = service.speaks === null ? null : await context.protocol(service.speaks);
  const { notes } = context;
  const ledger = protocol?.ledger?.(context.access) ?? notes;
  const steps = (await Promise.all(service.seed.steps.map((step) => singleFiles(step, context.host)))).flat();
  const noted = context.reuse === 'as-is' ? await notes.read() : [];
  let held: ReadonlyMap<number, LedgerEntry> | null = null;
  for (const [index, written] of steps.entries()) {
    const hash = await hashOf(written, context.host);
    const started = performance.now();
    const known = noted.find((entry) => entry.index === index && entry.hash === hash && entry.state === 'done');
    if (!known) held ??= new Map((await ledger.read()).map((entry) => [entry.index, entry]));
    if (alreadyDone(known ?? held?.get(index), { hash, step: written, service })) {
      if (!known && ledger !== notes) await notes.write({ index, hash, state: 'done' });
      context.emit({
        type: 'seeding',
        service: service.name,
        step: stepName(written),
        state: 'skipped',
        detail: 'already applied',
      });
      continue;
    }
    const step = resolved(written, context);
    context.emit({ type: 'seeding', service: service.name, step: stepName(step), state: 'running', detail: '' });
    const count = await runStep(
      { step, entry: { index, hash }, host: context.host, fresh: held?.has(index) === false },
      { service, protocol, ledger, context },
    );
    if (ledger !== notes) await notes.write({ index, hash, state: 'done' });
    const detail = `${count} ${declarationOf(step).unit} in ${formatDuration(performance.now() - started)}`;
    context.emit({ type: 'seeding', service: service.name, step: stepName(step), state: 'done', detail });
  }
}

/** Before anything is made. A file that an earlier command of the same service may write is not asked for. Throws SEED_FAILED. */
export async function requireSeedFiles({ services }: Environment, host: Host): Promise<void> {
  for (const { seed } of services) {
    const writers = seed.steps.findIndex((step) => declarationOf(step).writesFiles);
    for (const step of writers < 0 ? seed.steps : seed.steps.slice(0, writers)) {
      const file = fileOf(step);
      if (file !== null && (await host.stat(file)) === null) throw missingFile(step, file);
    }
  }
}

/** A folder means the files in it, by name. */
async function singleFiles(step: SeedStep, host: Host): Promise<readonly SeedStep[]> {
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
  return new EnvctlError('SEED_FAILED', `the seed ${path} does not exist`, {
    hint: 'Paths in a profile are relative to the profile’s own file.',
    position: step.position,
  });
}

function resolved<K extends SeedKind>(
  step: SeedStepOf<K>,
  { resolve: resolveText }: SeedingContext,
): SeedStepOf<K, string> {
  const { resolve } = declarationOf(step);
  return resolve ? resolve(step, resolveText) : (step as SeedStepOf<K, string>);
}

/** Addresses move between runs, so a step is known by what was written and by its file's content. */
async function hashOf<K extends SeedKind>(step: SeedStepOf<K>, host: Host): Promise<string> {
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
    throw new EnvctlError('SEED_FAILED', `the seed ${file} cannot be read`, {
      hint: 'Check its permissions.',
      detail: String((error as Error).message),
      position,
    });
  }
}

interface Known {
  readonly hash: string;
  readonly step: SeedStep;
  readonly service: Service;
}

function alreadyDone(entry: LedgerEntry | undefined, { hash, step, service }: Known): boolean {
  if (!entry) return false;
  const declaration = declarationOf(step);
  if (entry.state === 'running' && declaration.interrupted === 'refuse')
    throw changed(service, step, 'was cut off half-way and left its store half-filled');
  if (entry.state === 'running') return false;
  if (entry.hash === hash) return true;
  if (declaration.changed === 'reapply') return false;
  throw changed(service, step, 'has changed since it ran, and the store still holds what it put in');
}

function changed(service: Service, step: SeedStep, why: string): EnvctlError {
  return new EnvctlError('SEED_CHANGED', `${service.name}: ${stepName(step)} ${why}`, {
    hint: 'Start from an empty store: envctl down, then envctl up.',
    position: step.position,
    service: service.name,
  });
}

interface Running {
  readonly service: Service;
  readonly protocol: Protocol | null;
  readonly ledger: Ledger;
  readonly context: SeedingContext;
}

/** A step that runs by itself is noted here; a protocol notes its own in the store. */
async function runStep<K extends SeedKind>(
  task: SeedTask<K>,
  { service, protocol, ledger, context }: Running,
): Promise<number> {
  const { kind }: { readonly kind: K } = task.step;
  const { run } = seedKinds[kind];
  if (run) {
    const count = await run(task, context);
    await ledger.write({ ...task.entry, state: 'done' });
    return count;
  }
  const runners: SeedRunners = protocol?.seeds ?? {};
  const runSeed: RunSeed<K> | undefined = runners[kind];
  if (!runSeed) throw new Error(`bug: ${service.name} has no protocol for ${kind} seeds`);
  return runSeed(context.access, task);
}
