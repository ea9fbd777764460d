import { asList, asMap } from '../../model/json.js';
import type { Ledger, ServiceAccess } from '../../model/protocol.js';
import { reportingLedger } from '../shared/ledger.js';
import { entriesOf, type StubMark } from '../shared/stub-file.js';
import { adminJson } from '../shared/stub-server.js';

export const MAPPINGS = '/__admin/mappings';

/** Read from the mappings themselves: a restarted server forgets both. */
export function wiremockLedger(access: ServiceAccess): Ledger {
  return reportingLedger(access, {
    read: async () => entriesOf((await seededMappings(access)).map(({ mark }) => mark)),
    write: async () => undefined,
  });
}

export interface SeededMapping {
  readonly id: string;
  readonly mark: StubMark;
}

/** The mappings that a seed loaded. */
export async function seededMappings(access: ServiceAccess): Promise<readonly SeededMapping[]> {
  const all = asList(asMap(await adminJson(access, { method: 'GET', path: MAPPINGS })).mappings);
  return all.map(asMap).flatMap((mapping) => {
    const { step, hash, n, of } = asMap(asMap(mapping.metadata).envctl);
    const isSeeded =
      typeof step === 'number' && typeof hash === 'string' && typeof n === 'number' && typeof of === 'number';
    return isSeeded ? [{ id: String(mapping.id), mark: { step, hash, n, of } }] : [];
  });
}
