import { notYet, type ProbeResult, ready, type ServiceAccess } from '../../model/protocol.js';
import { attempt } from '../shared/attempt.js';
import { excerpt, exchange, urlAt } from '../shared/http-exchange.js';

/** Ready when the server reports its status. */
export async function probeMockserver(access: ServiceAccess): Promise<ProbeResult> {
  return attempt(access, async (at, signal) => {
    const { status, body } = await exchange(urlAt(at, '/mockserver/status'), { method: 'PUT', signal });
    return status === 200 ? ready : notYet(`answers ${status} ${excerpt(body, 80)}`.trimEnd());
  });
}
