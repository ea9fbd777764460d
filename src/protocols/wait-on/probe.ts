import waitOn from 'wait-on';
import { asList, type JsonMap } from '../../model/json.js';
import { never, notYet, type ProbeResult, ready, type ServiceAccess } from '../../model/protocol.js';
import { ATTEMPT_MS, attempt } from '../shared/attempt.js';
import { messageOf } from '../shared/errors.js';

/** A file must keep its size for one interval; the others answer at once. */
const INTERVAL_MS = 100;

/** Ready when every resource is available. Option `resource` is one resource string or a list. */
export async function probeResources(access: ServiceAccess, options: JsonMap): Promise<ProbeResult> {
  const resources = asList(options.resource).map(String);
  // The resource has its own address; the service may have no port at all.
  const anywhere = { ...access, address: access.address ?? { host: '127.0.0.1', port: 0 } };
  return attempt(anywhere, () => once(resources), 2 * ATTEMPT_MS);
}

/** wait-on waits forever, cannot be cancelled and drops causes, so it gets one short round within our own deadline. */
async function once(resources: string[]): Promise<ProbeResult> {
  const limits = {
    timeout: ATTEMPT_MS / 2,
    tcpTimeout: ATTEMPT_MS / 4,
    httpTimeout: ATTEMPT_MS / 2,
    commandTimeout: ATTEMPT_MS / 2,
  };
  try {
    await waitOn({ resources, ...limits, window: 0, interval: INTERVAL_MS, proxy: false });
    return ready;
  } catch (error) {
    const why = messageOf(error);
    return why.startsWith('Timed out') ? notYet(`not available yet: ${why.replace(/^.*?: /, '')}`) : never(why);
  }
}
