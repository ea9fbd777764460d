import waitOn from 'wait-on';
import type { Json, JsonMap } from '../../model/json.js';
import type { ProbeResult, Protocol, ServiceAccess } from '../../model/protocol.js';
import { ATTEMPT_MS, attempt, never, notYet, ready, words } from '../shared/attempt.js';

/** `ready: tcp:localhost:9000` and the other resource strings of wait-on; option `resource` is one of them or a list. */
export const waitOnResources: Protocol = {
  name: 'wait-on',
  seeds: {},
  probe: probeResources,
};

/** A file must keep its size for one interval; the others answer at once. */
const INTERVAL_MS = 100;

async function probeResources(reach: ServiceAccess, options: JsonMap): Promise<ProbeResult> {
  const resources = listOf(options.resource);
  // The resource says where it is; the service may have no port at all.
  const anywhere = { ...reach, at: reach.at ?? { host: '127.0.0.1', port: 0 } };
  return attempt(anywhere, () => once(resources), 2 * ATTEMPT_MS);
}

/** wait-on waits for ever, cannot be cancelled and drops causes: so one short round, under our own deadline. */
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
    const why = words(error);
    return why.startsWith('Timed out') ? notYet(`not there yet: ${why.replace(/^.*?: /, '')}`) : never(why);
  }
}

function listOf(option: Json | undefined): string[] {
  return (Array.isArray(option) ? option : [option]).map(String);
}
