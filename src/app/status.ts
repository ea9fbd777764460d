import type { Connection } from '../model/connection.js';
import type { Observed, ServiceStatus } from '../model/observed.js';
import { gateStatus } from './gate-status.js';
import { readConnections } from './read-connections.js';
import { requireInstance } from './running-services.js';
import type { Session } from './session.js';

/** Every replica with its gate's status, sorted by service. Hides the services' secrets. Throws INSTANCE_UNKNOWN. */
export async function serviceStatus(session: Session): Promise<readonly ServiceStatus[]> {
  requireInstance(session);
  const { connections, secrets } = readConnections(session);
  await session.caller.hide(secrets);
  const rows = await Promise.all(
    session.observed.map(async (seen) =>
      statusOf(seen, { session, connections, gate: await gateStatus(seen, session) }),
    ),
  );
  return rows.sort((a, b) => a.service.localeCompare(b.service));
}

interface StatusContext {
  readonly session: Session;
  readonly connections: readonly Connection[];
  readonly gate: string;
}

function statusOf(seen: Observed, { session, connections, gate }: StatusContext): ServiceStatus {
  const connection = connections.find(({ service }) => service === seen.service);
  return {
    service: isReplicated(seen, session) ? `${seen.service} ${seen.replica}` : seen.service,
    kind: seen.record?.kind ?? 'service',
    state: seen.state === 'exited' ? `exited ${seen.exitCode ?? '?'}` : seen.state,
    gate,
    address: (seen.state === 'running' ? connection?.urls[seen.replica - 1] : undefined) ?? null,
    since: seen.startedAt,
  };
}

const isReplicated = ({ service, replica }: Observed, { observed }: Session): boolean =>
  observed.some((other) => other.service === service && other.replica !== replica);
