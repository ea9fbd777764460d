import type { Address, View } from './connection.js';
import type { ExecResult, Host } from './host.js';
import type { JsonMap, Scalar } from './json.js';
import type { Observed } from './observed.js';
import type { SeedKind, SeedStepOf } from './service.js';

/** Answer of one attempt. `never`: waiting longer cannot help. */
export type ProbeResult =
  | { readonly kind: 'ready' }
  | { readonly kind: 'not-yet'; readonly why: string }
  | { readonly kind: 'never'; readonly why: string };

export const ready: ProbeResult = { kind: 'ready' };
export const notYet = (why: string): ProbeResult => ({ kind: 'not-yet', why });
export const never = (why: string): ProbeResult => ({ kind: 'never', why });

/** What a protocol is given to reach one replica of a service. It never sees the engine. */
export interface ServiceAccess {
  readonly service: string;
  readonly replica: number;
  /** As seen from this host; null: not reachable over the network. */
  readonly view: View | null;
  /** Address of the port that is asked; null as above. */
  readonly at: Address | null;
  /** `with.*`, secrets included. */
  readonly parameters: Readonly<Record<string, Scalar>>;
  exec(argv: readonly string[], options?: { readonly timeoutMs?: number }): Promise<ExecResult>;
  /** Lines since the service was last started; with `followMs` those too that come within that time. */
  logs(options?: { readonly followMs?: number }): AsyncIterable<string>;
  state(): Promise<Observed | null>;
  readonly signal: AbortSignal;
}

export interface LedgerEntry {
  /** Place of the step in the service's list, from 0. */
  readonly index: number;
  /** Hash of the step and its content. */
  readonly hash: string;
  /** `running`: it was cut off and left the store half-filled. */
  readonly state: 'running' | 'done';
}

/** Which seeds a store already holds, kept in the store itself. */
export interface Ledger {
  read(): Promise<readonly LedgerEntry[]>;
  write(entry: LedgerEntry): Promise<void>;
}

export interface SeedTask<K extends SeedKind = SeedKind> {
  /** References are resolved. */
  readonly step: SeedStepOf<K, string>;
  readonly entry: Omit<LedgerEntry, 'state'>;
  readonly host: Host;
  /** The ledger was just asked, and the store holds nothing of this step: no former version has to be looked for. */
  readonly fresh?: boolean;
}

/**
 * Runs one step and returns how many rows, keys … it loaded. Writes the ledger entry in the same transaction if the store has them,
 * else `running` before and `done` after. Throws SEED_FAILED with file, line and the store's own message.
 */
export type RunSeed<K extends SeedKind> = (access: ServiceAccess, task: SeedTask<K>) => Promise<number>;
export type SeedRunners = { readonly [K in SeedKind]?: RunSeed<K> };

/** What a service speaks, as code: one folder in `src/protocols/`. `K`: kinds of seed step it is known to run. */
export interface Protocol<K extends SeedKind = never> {
  readonly name: string;
  /** One bounded attempt. Options are those written under `ready: { <name>: … }`; throws only on abort. */
  probe(access: ServiceAccess, options: JsonMap): Promise<ProbeResult>;
  /** The kinds of seed step it runs. */
  readonly seeds: SeedRunners & Required<Pick<SeedRunners, K>>;
  ledger?(access: ServiceAccess): Ledger;
}
