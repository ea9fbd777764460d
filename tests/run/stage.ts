/** `runUp` on the memory engine. */
import type { EnvctlError } from '../../src/model/errors.js';
import type { EnvEvent } from '../../src/model/events.js';
import type { ExecResult, Host } from '../../src/model/host.js';
import type { Ledger, LedgerEntry, ProbeResult, Protocol, SeedTask, ServiceAccess } from '../../src/model/protocol.js';
import { runUp, type UpOutcome } from '../../src/run/run-up.js';
import type { UpDependencies } from '../../src/run/up-dependencies.js';
import { type MemoryEngine, type MemoryOptions, memoryEngine } from '../testing/memory-engine.js';
import { resolveText, type Written } from '../testing/resolving.js';

type Answer = ProbeResult | (() => ProbeResult);

export interface Stage {
  readonly engine: MemoryEngine;
  readonly events: readonly EnvEvent[];
  /** Runs `up` on the same engine each time. */
  up(
    profile: string | readonly Written[],
    options?: Partial<Parameters<typeof runUp>[2]> & { readonly resolve?: Parameters<typeof resolveText>[1] },
  ): Promise<UpOutcome>;
}

export const signal = new AbortController().signal;
export const ready: ProbeResult = { kind: 'ready' };

/** All dependencies of `up`, in memory. `answers`: what the protocol of each service answers. */
export function stage({
  answers = {},
  host = {},
  ...options
}: MemoryOptions & { readonly answers?: Readonly<Record<string, Answer>>; readonly host?: Partial<Host> } = {}): Stage {
  const events: EnvEvent[] = [];
  const engine = memoryEngine(options);
  const ledgers = new Map<string, LedgerEntry[]>();
  const seedRow = async ({ service }: ServiceAccess, { entry }: SeedTask): Promise<number> => {
    await ledgerOf(ledgers, service).write({ ...entry, state: 'done' });
    return 1;
  };
  const protocol = (name: string): Protocol => ({
    name,
    seeds: { sql: seedRow, csv: seedRow, redis: seedRow, stubs: seedRow, http: seedRow },
    probe: async ({ service }) => {
      const answer = answers[service] ?? ready;
      return typeof answer === 'function' ? answer() : answer;
    },
    ledger: ({ service }) => ledgerOf(ledgers, service),
  });
  const tools: UpDependencies = {
    engine,
    host: {
      run: async () => ({ exitCode: 0, stdout: '', stderr: '' }),
      stat: async () => ({ kind: 'file', entries: [], size: 1 }),
      read: async (path) => new TextEncoder().encode(path),
      ...host,
    },
    protocol: async (name) => protocol(name),
    emit: (event) => void events.push(event),
    secret: () => 'secret',
    hashFile: async () => null,
    ledger: (service, incarnation) => ledgerOf(ledgers, `${service} ${incarnation}`),
    signal,
  };
  return {
    engine,
    events,
    up: async (profile, { resolve, ...changes } = {}) => {
      const environment = resolveText(profile, resolve);
      const observed = await engine.observe(environment.id, signal);
      return runUp(environment, tools, {
        observed,
        secrets: [],
        wholeProfile: true,
        pull: false,
        reuse: 'reconcile',
        named: [],
        timeoutMs: null,
        ...changes,
      });
    },
  };
}

function ledgerOf(ledgers: Map<string, LedgerEntry[]>, key: string): Ledger {
  const entries = ledgers.get(key) ?? [];
  ledgers.set(key, entries);
  return { read: async () => entries, write: async (entry) => void entries.push(entry) };
}

/** Records a call of a command that succeeds. */
export function noted(seen: unknown[], what: unknown): ExecResult {
  seen.push(what);
  return { exitCode: 0, stdout: '', stderr: '' };
}

export const errorOf = (outcome: UpOutcome): EnvctlError => {
  if (outcome.kind === 'running') throw new Error('up succeeded');
  return outcome.error as EnvctlError;
};
export const started = ({ engine }: Stage): readonly string[] =>
  engine.calls.filter((call) => call.startsWith('start '));

/** Answers `not-yet` the first `times` times. */
export function readyAfter(times: number): () => ProbeResult {
  let asked = 0;
  return () => (asked++ < times ? { kind: 'not-yet', why: `attempt ${asked}` } : ready);
}

export const shop = `services:
  db: { template: postgres, seed: { after: [migrate], steps: [{ sql: a.sql }] } }
  migrate: { image: app, once: true, environment: { U: "\${db.url}" } }
  app: { image: app, port: 80, ready: { http: / }, environment: { U: "\${db.url}" }, depends_on: [migrate] }`;
