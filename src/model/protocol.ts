import type { Address, View } from './connection.js';
import type { ExecResult, Host } from './host.js';
import type { JsonMap, Scalar } from './json.js';
import type { Observed } from './observed.js';
import type { SeedKind, SeedStepOf } from './service.js';

/** The answer of one attempt. `never`: waiting longer cannot help. */
export type ProbeResult =
  | { readonly kind: 'ready' }
  | { readonly kind: 'not-yet'; readonly why: string }
  | { readonly kind: 'never'; readonly why: string };

export const ready: ProbeResult = { kind: 'ready' };
export const notYet = (why: string): ProbeResult => ({ kind: 'not-yet', why });
export const never = (why: string): ProbeResult => ({ kind: 'never', why });

/** Access to one replica of a service, for protocols, which do not know engines. */
export interface ServiceAccess {
  readonly service: string;
  readonly replica: number;
  /** As seen from this host; null: not reachable over the network. */
  readonly view: View | null;
  /** Address of the port to ask; null: not reachable over the network. */
  readonly address: Address | null;
  /** Parameter values (`with`), secrets included. */
  readonly parameters: Readonly<Record<string, Scalar>>;
  exec(argv: readonly string[], options?: { readonly timeoutMs?: number }): Promise<ExecResult>;
  /** Lines since the service was last started; with `followMs` also those written within that time. */
  logs(options?: { readonly followMs?: number }): AsyncIterable<string>;
  state(): Promise<Observed | null>;
  readonly signal: AbortSignal;
}

export interface LedgerEntry {
  /** Index of the step in the service's list, from 0. */
  readonly index: number;
  /** Hash of the step and its content. */
  readonly hash: string;
  /** `running`: the step was interrupted and left the store half-filled. */
  readonly state: 'running' | 'done';
}

/** Records which seed steps ran, in the seeded store itself. */
export interface Ledger {
  read(): Promise<readonly LedgerEntry[]>;
  write(entry: LedgerEntry): Promise<void>;
}

export interface SeedTask<K extends SeedKind = SeedKind> {
  /** References are resolved. */
  readonly step: SeedStepOf<K, string>;
  readonly entry: Omit<LedgerEntry, 'state'>;
  readonly host: Host;
  /** The store holds no former version of the step, according to its ledger. */
  readonly fresh?: boolean;
}

/**
 * Runs one step and returns how many rows, keys … it loaded. Writes the ledger entry in the same transaction if the
 * store has transactions, else `running` before and `done` after. Throws SEED_FAILED with file, line and the store's
 * own message.
 */
export type RunSeed<K extends SeedKind> = (access: ServiceAccess, task: SeedTask<K>) => Promise<number>;
export type SeedRunners = { readonly [K in SeedKind]?: RunSeed<K> };

/** A wire protocol: one folder in `src/protocols/`. `K`: the kinds of seed step it is known to run. */
export interface Protocol<K extends SeedKind = never> {
  readonly name: string;
  /** One bounded attempt. Options are those under `ready: { <name>: … }`; throws only on abort. */
  probe(access: ServiceAccess, options: JsonMap): Promise<ProbeResult>;
  /** The kinds of seed step it runs. */
  readonly seeds: SeedRunners & Required<Pick<SeedRunners, K>>;
  ledger?(access: ServiceAccess): Ledger;
}
