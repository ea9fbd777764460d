import { connectionsOf, exportsOf } from '../connections/connections.js';
import type { Connection } from '../model/connection.js';
import type { Session } from './session.js';

export interface ConnectionInfo {
  readonly connections: readonly Connection[];
  readonly exports: Readonly<Record<string, string>>;
  /** Values to hide in output. */
  readonly secrets: readonly string[];
}

/** Connections and exports of what runs, from the engine's labels and the last `up`. Reads no profile. */
export function readConnections({ observed, secrets, lastUp }: Session): ConnectionInfo {
  const connections = connectionsOf(observed, secrets.observed);
  const properties = new Map(connections.map(({ service, parameters }) => [service, parameters]));
  return {
    connections,
    exports: exportsOf(connections, observed, lastUp.exports ?? undefined),
    secrets: observed.flatMap(({ service, record }) =>
      Object.keys(record?.secrets ?? {}).map((name) => properties.get(service)?.[name] ?? ''),
    ),
  };
}
