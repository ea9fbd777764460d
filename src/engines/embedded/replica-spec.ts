/** Everything that follows from a workload before one of its replicas exists. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Environment } from '../../model/environment.js';
import type { Prepared, Workload } from '../../model/workload.js';
import type { EmbeddedContext, Replica } from './context.js';
import { baseVariables } from './processes/launch.js';
import { ownerVariable } from './processes/process-table.js';
import type { ServerReplica, ServerRequest } from './servers/server.js';
import { instanceFolder, replicaFolder, storeFolder } from './state/paths.js';
import { claimedPorts, type PortNumbers, portKey } from './state/ports.js';

/** One replica and the workload it is created from. */
export interface ReplicaSpec {
  readonly replica: Replica;
  readonly workload: Workload;
  readonly project: string;
}

export const replicaSpecs = ({ environment, workloads }: Prepared, service: string): readonly ReplicaSpec[] =>
  workloads
    .filter((workload) => workload.service === service)
    .flatMap((workload) =>
      Array.from({ length: workload.replicas }, (_, index) => ({
        workload,
        project: environment.project,
        replica: { instance: environment.id, service, replica: index + 1 },
      })),
    );

/** Ports by name. Published ports are those of the first replica; each other replica has its own. */
export function portsOf(
  context: EmbeddedContext,
  { replica, workload }: Pick<ReplicaSpec, 'replica' | 'workload'>,
): PortNumbers {
  const claims = claimedPorts(context, replica.instance);
  const ports = Object.keys(workload.ports).map((name) => {
    const port = (replica.replica === 1 ? workload.publish[name] : null) ?? claims.get(portKey({ ...replica, name }));
    if (port === undefined) throw new Error(`bug: port ${name} of ${replica.service} was never reserved`);
    return [name, port] as const;
  });
  return Object.fromEntries(ports);
}

/** A service without data paths loses what it wrote when it is recreated, as a container does. */
export const storeOf = (
  context: EmbeddedContext,
  { replica, workload }: Pick<ReplicaSpec, 'replica' | 'workload'>,
): string =>
  workload.stores.length > 0 ? storeFolder(context, replica) : path.join(replicaFolder(context, replica), 'store');

export const serverRequest = (
  context: EmbeddedContext,
  { id, project }: Pick<Environment, 'id' | 'project'>,
  service: Pick<ServerRequest, 'service' | 'parameters'>,
): ServerRequest => ({
  ...service,
  project,
  env: { ...baseVariables(context), [ownerVariable]: instanceFolder(context, id) },
});

export const requestOf = (context: EmbeddedContext, { workload, replica, project }: ReplicaSpec): ServerRequest =>
  serverRequest(
    context,
    { id: replica.instance, project },
    { service: workload.service, parameters: workload.parameters },
  );

/** The replica as its server gets it; also makes its scratch folder. */
export async function serverReplica(context: EmbeddedContext, spec: ReplicaSpec): Promise<ServerReplica> {
  const { instance, service, replica } = spec.replica;
  const scratch = path.join(replicaFolder(context, spec.replica), 'scratch');
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  const claims = [...claimedPorts(context, instance)].map(([key, port]) => [key.split('/'), port] as const);
  const own = claims.filter(([[owner, number]]) => owner === service && number === String(replica));
  const ports = { ...Object.fromEntries(own.map(([[, , name], port]) => [name, port])), ...portsOf(context, spec) };
  return { store: storeOf(context, spec), scratch, ports, request: requestOf(context, spec) };
}
