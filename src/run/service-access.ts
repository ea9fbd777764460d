import { view } from '../connections/view.js';
import type { Engine } from '../model/engine.js';
import type { Scalar } from '../model/json.js';
import type { Observed } from '../model/observed.js';
import type { ServiceAccess } from '../model/protocol.js';
import type { ReplicaWatcher } from './replicas/replica-watcher.js';

export interface ServiceAccessInput {
  readonly replica: Observed;
  /** Name of the port to ask. */
  readonly port: string;
  readonly parameters: Readonly<Record<string, Scalar>>;
  readonly watcher: Pick<ReplicaWatcher, 'of' | 'refresh'>;
  readonly engine: Engine;
  readonly signal: AbortSignal;
}

/** Adapts the engine to what a protocol may do with one replica. */
export function serviceAccess({
  replica,
  port,
  parameters,
  watcher,
  engine,
  signal,
}: ServiceAccessInput): ServiceAccess {
  const target = { instance: replica.instance, service: replica.service, replica: replica.replica };
  const reachable = Object.keys(replica.outside).length > 0;
  const connection = replica.record?.connection ?? { url: null, env: {}, ports: {} };
  return {
    service: replica.service,
    replica: replica.replica,
    view: reachable
      ? view({ connection, parameters }, replica.outside, Object.values(replica.outside)[0]?.host ?? '')
      : null,
    address: replica.outside[port] ?? null,
    parameters,
    exec: (argv, options) => engine.exec(target, argv, { signal, ...options }),
    logs: async function* ({ followMs } = {}) {
      const since = replica.startedAt === null ? {} : { since: replica.startedAt };
      const options = { signal, ...since, ...(followMs === undefined ? {} : { followMs }) };
      for await (const line of engine.logs(target, options)) yield line.text;
    },
    state: async () => {
      await watcher.refresh();
      return watcher.of(replica.service).find((other) => other.replica === replica.replica) ?? null;
    },
    signal,
  };
}
