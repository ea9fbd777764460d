import type { JsonMap } from '../../model/json.js';
import type { Ledger, ServiceAccess } from '../../model/protocol.js';
import { reportingLedger } from '../shared/ledger.js';
import { entriesOf, type StubMark } from '../shared/stub-file.js';
import { adminJson } from '../shared/stub-server.js';

/** Read from the expectations themselves: a restarted server forgets both. */
export function mockserverLedger(access: ServiceAccess): Ledger {
  return reportingLedger(access, {
    read: async () => entriesOf((await expectationIds(access)).flatMap((id) => markIn(id) ?? [])),
    write: async () => undefined,
  });
}

/** An expectation has no place for a mark except its id. */
export const idOf = ({ step, hash, n, of }: StubMark): string => `envctl-${step}-${hash}-${n}-${of}`;

/** null: the id is not a seed's. */
export function markIn(id: string): StubMark | null {
  const match = /^envctl-(\d+)-(.+)-(\d+)-(\d+)$/.exec(id);
  return match === null
    ? null
    : { step: Number(match[1]), hash: match[2] ?? '', n: Number(match[3]), of: Number(match[4]) };
}

export async function expectationIds(access: ServiceAccess): Promise<readonly string[]> {
  const active = await adminJson(access, {
    method: 'PUT',
    path: '/mockserver/retrieve?type=ACTIVE_EXPECTATIONS&format=JSON',
  });
  return Array.isArray(active) ? active.map((expectation: JsonMap) => String(expectation.id)) : [];
}
