/** Applies a service's seeds, each once. Which ones a store already holds is read from the store itself. */
import { formatDuration } from '../../model/durations.js';
import type { Emit } from '../../model/events.js';
import type { Ledger, LedgerEntry, Protocol, RunSeed, SeedRunners, SeedTask } from '../../model/protocol.js';
import type { SeedKind, SeedStep, SeedStepOf, Service } from '../../model/service.js';
import type { ReusePolicy } from '../../plan/reconcile.js';
import { declarationOf, seedKinds, stepName } from '../../profile/seeds/kinds.js';
import type { ResolveText, SeedRunContext } from '../../profile/seeds/seed-kind.js';
import { seedDecision, seedRefused } from './seed-decision.js';
import { expandFolders, seedHash } from './seed-files.js';

export interface SeedingContext extends SeedRunContext {
  readonly emit: Emit;
  /** Seeds applied since the service was created, recorded outside its store: the ledger if its protocol has none. */
  readonly notes: Ledger;
  readonly reuse: ReusePolicy;
  readonly resolve: ResolveText;
}

/** Throws SEED_FAILED with file and line, SEED_CHANGED if a seed differs from the version that was applied. */
export async function seedService(service: Service, context: SeedingContext): Promise<void> {
  const { notes, host, reuse } = context;
  const protocol = service.speaks === null ? null : await context.protocol(service.speaks);
  const seeding: Seeder = { service, protocol, ledger: protocol?.ledger?.(context.access) ?? notes, context };
  const steps = await expandFolders(service.seed.steps, host);
  const noted = reuse === 'as-is' ? await notes.read() : [];
  let stored: ReadonlyMap<number, LedgerEntry> | null = null;
  for (const [index, step] of steps.entries()) {
    const hash = await seedHash(step, host);
    if (noted.some((entry) => entry.index === index && entry.hash === hash && entry.state === 'done')) {
      emitSkipped(step, seeding);
      continue;
    }
    stored ??= new Map((await seeding.ledger.read()).map((entry) => [entry.index, entry]));
    const decision = seedDecision(step, hash, stored.get(index));
    if (decision.kind === 'refuse') throw seedRefused(service, step, decision.why);
    if (decision.kind === 'skip') emitSkipped(step, seeding);
    else await applyStep(step, { index, hash, fresh: decision.fresh }, seeding);
    if (seeding.ledger !== notes) await notes.write({ index, hash, state: 'done' });
  }
}

interface Seeder {
  readonly service: Service;
  readonly protocol: Protocol | null;
  readonly ledger: Ledger;
  readonly context: SeedingContext;
}

function emitSkipped(step: SeedStep, { service: { name: service }, context: { emit } }: Seeder): void {
  emit({ type: 'seeding', service, step: stepName(step), state: 'skipped', detail: 'already applied' });
}

async function applyStep(
  written: SeedStep,
  { index, hash, fresh }: { readonly index: number; readonly hash: string; readonly fresh: boolean },
  seeder: Seeder,
): Promise<void> {
  const { name: service } = seeder.service;
  const { emit, host } = seeder.context;
  const step = resolveStep(written, seeder.context);
  const title = stepName(step);
  const began = performance.now();
  emit({ type: 'seeding', service, step: title, state: 'running', detail: '' });
  const count = await runStep({ step, entry: { index, hash }, host, fresh }, seeder);
  const detail = `${count} ${declarationOf(step).unit} in ${formatDuration(performance.now() - began)}`;
  emit({ type: 'seeding', service, step: title, state: 'done', detail });
}

function resolveStep<K extends SeedKind>(
  step: SeedStepOf<K>,
  { resolve: resolveText }: SeedingContext,
): SeedStepOf<K, string> {
  const { resolve } = declarationOf(step);
  return resolve ? resolve(step, resolveText) : (step as SeedStepOf<K, string>);
}

/** Runs a step. One that its kind runs itself is recorded here; a protocol records its own in the store. */
async function runStep<K extends SeedKind>(
  task: SeedTask<K>,
  { service, protocol, ledger, context }: Seeder,
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
