import { notYet, type ProbeResult, ready, type ServiceAccess } from '../../model/protocol.js';
import { attempt } from '../shared/attempt.js';
import { excerpt, exchange, urlAt } from '../shared/http-exchange.js';
import { MAPPINGS } from './ledger.js';

/** Ready when the admin interface answers. */
export async function probeWiremock(access: ServiceAccess): Promise<ProbeResult> {
  return attempt(access, async (at, signal) => {
    const { status, body } = await exchange(urlAt(at, `${MAPPINGS}?limit=0`), { signal });
    return status === 200 ? ready : notYet(`answers ${status} ${excerpt(body, 80)}`.trimEnd());
  });
}
