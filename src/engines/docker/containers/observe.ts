import type { ContainerInspectInfo } from 'dockerode';
import type { Addresses } from '../../../model/connection.js';
import type { Observed, RunState, ServiceRecord } from '../../../model/observed.js';
import type { DockerClient } from '../client.js';
import { type ContainerAddressContext, containerAddress } from '../network/container-address.js';
import { splitPair } from '../pairs.js';
import { composeLabel, label, readRecord, replicaOf } from './labels.js';
import { inspectContainers, listContainers } from './list-containers.js';

/** The replicas of an instance (null: of all instances), running or not. */
export async function observe(
  client: DockerClient,
  instance: string | null,
  signal: AbortSignal,
): Promise<readonly Observed[]> {
  const [containers, access] = await Promise.all([
    listContainers(client, instance, signal).then((listed) => inspectContainers(client, listed, signal)),
    client.hostAccess(),
  ]);
  return containers.map((container) => observedReplica(container, { access, containers }));
}

export function observedReplica(container: ContainerInspectInfo, context: ContainerAddressContext): Observed {
  const labels = container.Config.Labels;
  const { State: state } = container;
  const record = readRecord(labels);
  const hasEnded = state.Status === 'exited' || state.Status === 'dead';
  return {
    instance: labels[label.instance] ?? '',
    service: labels[label.service] ?? labels[composeLabel.service] ?? '',
    replica: replicaOf(labels),
    id: container.Id,
    state: states[state.Status] ?? 'dead',
    exitCode: hasEnded ? state.ExitCode : null,
    startedAt: timestamp(state.StartedAt),
    createdAt: timestamp(container.Created) ?? 0,
    restarts: container.RestartCount,
    health: healthOf(state.Health?.Status),
    oomKilled: state.OOMKilled,
    fingerprint: labels[label.fingerprint] ?? '',
    outside: state.Running ? currentAddresses(container, record, context) : {},
    env: {
      ...longOptions(container.Config.Cmd ?? []),
      ...Object.fromEntries((container.Config.Env ?? []).map(splitVariable)),
    },
    record,
  };
}

function currentAddresses(
  container: ContainerInspectInfo,
  record: ServiceRecord | null,
  context: ContainerAddressContext,
): Addresses {
  const addresses = Object.entries(record?.ports ?? {}).flatMap(([name, { inside }]) => {
    const address = containerAddress(container, inside, context);
    return address === null ? [] : [[name, address] as const];
  });
  return Object.fromEntries(addresses);
}

/** Docker's other states, `removing` and `dead`, count as dead. */
const states: Readonly<Record<string, RunState>> = {
  created: 'created',
  running: 'running',
  paused: 'paused',
  restarting: 'restarting',
  exited: 'exited',
};

function healthOf(status: string | undefined): Observed['health'] {
  return status === 'starting' || status === 'healthy' || status === 'unhealthy' ? status : null;
}

/** Docker writes the year 1 for "never". */
function timestamp(text: string): number | null {
  const ms = Date.parse(text);
  return ms > 0 ? ms : null;
}

/** `--requirepass secret` and `--requirepass=secret`: a parameter of an adopted service may be given like this. */
function longOptions(command: readonly string[]): Readonly<Record<string, string>> {
  const options = command.flatMap((argument, index) => {
    if (!argument.startsWith('--')) return [];
    const [name, value] = splitPair(argument);
    return [[name, value ?? command[index + 1] ?? ''] as const];
  });
  return Object.fromEntries(options);
}

function splitVariable(text: string): readonly [string, string] {
  const [name, value] = splitPair(text);
  return [name, value ?? ''];
}
