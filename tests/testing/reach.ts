/** A Reach and a SeedTask for tests that need no server of the protocol's own kind. */

import type {
  Ledger,
  LedgerEntry,
  Protocol,
  RunSeed,
  SeedRunners,
  SeedTask,
  ServiceAccess,
} from '../../src/model/protocol.js';
import type { SeedKind, SeedStepOf } from '../../src/model/service.js';

export function reachTo(port: number, changes: Partial<ServiceAccess> = {}): ServiceAccess {
  return {
    service: 'it',
    replica: 1,
    address: { host: '127.0.0.1', port },
    view: null,
    parameters: {},
    exec: () => Promise.reject(new Error('not asked for')),
    logs: async function* () {},
    state: async () => null,
    signal: new AbortController().signal,
    ...changes,
  };
}

type WithoutPosition<T> = T extends unknown ? Omit<T, 'position'> : never;

/** A step at line 7 of the profile with a file of this content: text as UTF-8, bytes, or the error of reading it. */
export function taskOf<K extends SeedKind>(
  step: WithoutPosition<SeedStepOf<K, string>>,
  content: string | Uint8Array | Error = '',
  entry: Partial<LedgerEntry> = {},
): SeedTask<K> {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const refuse = (): never => {
    throw new Error('not asked for');
  };
  const read = async (): Promise<Uint8Array> => (bytes instanceof Error ? Promise.reject(bytes) : bytes);
  const position = { file: 'profile.yaml', line: 7, column: 9 };
  return {
    step: { ...step, position } as unknown as SeedStepOf<K, string>,
    entry: { index: 0, hash: 'abc', ...entry },
    host: { run: refuse, stat: refuse, read },
  };
}

/** A protocol's own seed and ledger; one without them fails the test. */
export async function seedWith<K extends SeedKind>(
  { name, seeds }: { readonly name: string; readonly seeds: SeedRunners },
  reach: ServiceAccess,
  task: SeedTask<K>,
): Promise<number> {
  const { kind }: { readonly kind: K } = task.step;
  const run: RunSeed<K> | undefined = seeds[kind];
  if (!run) throw new Error(`${name} runs no ${kind} seeds`);
  return run(reach, task);
}

export function ledgerOf(protocol: Protocol, reach: ServiceAccess): Ledger {
  const ledger = protocol.ledger?.(reach);
  if (!ledger) throw new Error(`${protocol.name} keeps no ledger`);
  return ledger;
}
