/** Puts a service's seeds in, each once: what a store already holds is read from the store itself. */

import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import { formatDuration } from '../model/durations.js';
import type { Environment } from '../model/environment.js';
import { EnvctlError } from '../model/errors.js';
import type { Emit } from '../model/events.js';
import type { ExecOptions, ExecResult, Host } from '../model/host.js';
import type { Ledger, LedgerEntry, Protocol, SeedResult, SeedTask, ServiceAccess } from '../model/protocol.js';
import type { SeedStep, Service } from '../model/service.js';
import type { ReusePolicy } from '../plan/reconcile.js';

export interface SeedingContext {
  readonly host: Host;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  readonly protocol: (name: string) => Promise<Protocol>;
  readonly reach: ServiceAccess;
  /** What was put in during this life of the service, noted outside of it: the ledger where its protocol keeps none. */
  readonly notes: Ledger;
  readonly reuse: ReusePolicy;
  /** Fills in references as seen from this host, or from inside a service. */
  readonly render: (text: string, side: 'inside' | 'outside') => string;
  readonly exports: () => Readonly<Record<string, string>>;
  readonly execIn: (service: string, argv: readonly string[], options: ExecOptions) => Promise<ExecResult>;
}

/** Throws SEED_FAILED with file and line, SEED_CHANGED when a seed that ran before says something else now. */
export async function seedService(service: Service, context: SeedingContext): Promise<void> {
  const protocol = service.speaks === null ? null : await context.protocol(service.speaks);
  const { notes } = context;
  const ledger = protocol?.ledger?.(context.reach) ?? notes;
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
        state: 'kept',
        detail: 'already there',
      });
      continue;
    }
    const step = rendered(written, context);
    context.emit({ type: 'seeding', service: service.name, step: stepName(step), state: 'running', detail: '' });
    const seeded = await runStep(
      { step, entry: { index, hash }, host: context.host, fresh: held?.has(index) === false },
      { service, protocol, ledger, context },
    );
    if (ledger !== notes) await notes.write({ index, hash, state: 'done' });
    const detail = `${seeded.count} ${seeded.unit} in ${formatDuration(performance.now() - started)}`;
    context.emit({ type: 'seeding', service: service.name, step: stepName(step), state: 'done', detail });
  }
}

/** Before anything is made. A file that an earlier command of the same service may write is not asked for. Throws SEED_FAILED. */
export async function requireSeedFiles({ services }: Environment, host: Host): Promise<void> {
  for (const { seed } of services) {
    const commands = seed.steps.findIndex(({ kind }) => kind === 'run' || kind === 'exec');
    for (const step of commands < 0 ? seed.steps : seed.steps.slice(0, commands))
      if ('file' in step && step.file !== null && (await host.stat(step.file)) === null)
        throw missingFile(step, step.file);
  }
}

/** What screens call a step: `sql catalogue.sql`, `run npm run seed`. */
export function stepName(step: SeedStep): string {
  if (step.kind === 'exec' || step.kind === 'run') return `${step.kind} ${step.argv.join(' ')}`;
  if (step.kind === 'http') return `http ${step.method} ${step.url}`;
  return `${step.kind} ${basename(step.file)}`;
}

/** A folder stands for the files in it, by name. */
async function singleFiles(step: SeedStep, host: Host): Promise<readonly SeedStep[]> {
  if (!('file' in step) || step.file === null || step.kind === 'http') return [step];
  const found = await host.stat(step.file);
  if (!found) throw missingFile(step, step.file);
  if (found.kind !== 'directory') return [step];
  const suffix = step.kind === 'sql' ? '.sql' : step.kind === 'csv' ? '.csv' : '.json';
  const names = found.entries.filter((name) => name.endsWith(suffix));
  if (names.length === 0) throw missingFile(step, join(step.file, `*${suffix}`));
  return names.map((name) => ({ ...step, file: join(step.file, name) }));
}

function missingFile(step: SeedStep, path: string): EnvctlError {
  return new EnvctlError('SEED_FAILED', `the seed ${path} does not exist`, {
    hint: 'Paths in a profile are relative to the profile’s own file.',
    position: step.position,
  });
}

function rendered(step: SeedStep, { render }: SeedingContext): SeedStep {
  if (step.kind === 'exec') return { ...step, argv: step.argv.map((word) => render(word, 'inside')) };
  if (step.kind === 'run') return { ...step, argv: step.argv.map((word) => render(word, 'outside')) };
  if (step.kind !== 'http') return step;
  const headers = Object.fromEntries(
    Object.entries(step.headers).map(([name, text]) => [name, render(text, 'outside')]),
  );
  return {
    ...step,
    url: render(step.url, 'outside'),
    headers,
    body: step.body === null ? null : render(step.body, 'outside'),
  };
}

/** Addresses move between runs, so a step is known by what was written and by its file's content. */
async function hashOf(step: SeedStep, host: Host): Promise<string> {
  const { position: _, ...rest } = step;
  const hash = createHash('sha256');
  const file = 'file' in step ? step.file : null;
  hash.update(
    JSON.stringify(
      step.kind === 'http'
        ? { ...rest, url: urlPath(step.url) }
        : { ...rest, ...(file === null ? {} : { file: basename(file) }) },
    ),
  );
  if (file !== null) hash.update(await readSeed(step, file, host));
  return hash.digest('hex').slice(0, 16);
}

const urlPath = (url: string): string => url.replace(/^[a-z]+:\/\/[^/]*/, '');

async function readSeed(step: SeedStep, file: string, host: Host): Promise<Uint8Array> {
  try {
    return await host.read(file);
  } catch (error) {
    throw new EnvctlError('SEED_FAILED', `the seed ${file} cannot be read`, {
      hint: 'Check its permissions.',
      detail: String((error as Error).message),
      position: step.position,
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
  if (entry.state === 'running' && step.kind === 'sql')
    throw changed(service, step, 'was cut off half-way and left its store half-filled');
  if (entry.state === 'running') return false;
  if (entry.hash === hash) return true;
  if (step.kind === 'stubs' || step.kind === 'redis') return false;
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

async function runStep(task: SeedTask, { service, protocol, ledger, context }: Running): Promise<SeedResult> {
  const { step, entry } = task;
  const speaker = step.kind === 'http' ? await context.protocol('http') : protocol;
  if (step.kind !== 'exec' && step.kind !== 'run') {
    if (!speaker?.seed) throw new Error(`${service.name} has no protocol for ${step.kind} seeds`);
    const seeded = await speaker.seed(context.reach, task);
    if (step.kind === 'http') await ledger.write({ ...entry, state: 'done' });
    return seeded;
  }
  const result =
    step.kind === 'exec'
      ? await context.execIn(step.service, step.argv, { signal: context.signal })
      : await runOnHost(step, context);
  if (result.exitCode !== 0) throw commandFailed(service, step, result);
  await ledger.write({ ...entry, state: 'done' });
  return { count: 1, unit: 'commands' };
}

const runOnHost = (step: Extract<SeedStep, { kind: 'run' }>, context: SeedingContext): Promise<ExecResult> =>
  context.host.run(step.argv, { signal: context.signal, cwd: step.cwd, env: context.exports() });

function commandFailed(service: Service, step: SeedStep, { exitCode, stdout, stderr }: ExecResult): EnvctlError {
  const lines = `${stdout}\n${stderr}`.split('\n').filter((line) => line.trim() !== '');
  return new EnvctlError('SEED_FAILED', `${service.name}: ${stepName(step)} ended with exit code ${exitCode}`, {
    hint:
      exitCode === 127
        ? 'The command was not found: check its name and where it runs.'
        : 'Run it by hand with the same environment: envctl env.',
    detail: lines.slice(-20).join('\n'),
    position: step.position,
    service: service.name,
  });
}
