import type { LogLine, LogOptions } from '../model/engine.js';
import type { Observed } from '../model/observed.js';
import { readConnections } from './read-connections.js';
import { replicasOf, requireInstance } from './running-services.js';
import type { Session } from './session.js';

export interface ServiceLogOptions extends Omit<LogOptions, 'signal'> {
  /** Empty: all services. */
  readonly services: readonly string[];
  /** Called for each line with its replica's label; the label is empty if there is only one replica to show. */
  readonly print: (line: LogLine, label: string) => void;
}

/** Prints the logs of all chosen replicas in parallel, secrets hidden. Throws INSTANCE_UNKNOWN or USAGE. */
export async function printLogs(session: Session, { services, print, ...options }: ServiceLogOptions): Promise<void> {
  requireInstance(session);
  const { engine, caller, observed } = session;
  await caller.hide(readConnections(session).secrets);
  const replicas = replicasOf(session, services);
  const labels = new Map(replicas.map((seen) => [seen, replicas.length > 1 ? labelOf(seen, observed) : '']));
  const width = Math.max(...[...labels.values()].map((label) => label.length));
  await Promise.all(
    [...labels].map(async ([seen, label]) => {
      for await (const line of engine.logs(seen, { ...options, signal: caller.signal }))
        print(line, label.padEnd(width));
    }),
  );
}

const labelOf = ({ service, replica }: Observed, all: readonly Observed[]): string =>
  all.some((other) => other.service === service && other.replica !== replica) ? `${service}-${replica}` : service;
