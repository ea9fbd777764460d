import type { ContainerInfo, ContainerInspectInfo } from 'dockerode';
import type { Addresses } from '../../../model/connection.js';
import type { Observed, RunState, ServiceRecord } from '../../../model/observed.js';
import type { Client } from '../api/client.js';
import { addressOf, type Sight } from '../network/container-address.js';
import { byInstance, label, readRecord } from './labels.js';

/** All replicas of an instance (null: of all of envctl's), running or not. */
export async function observe(
  client: Client,
  instance: string | null,
  signal: AbortSignal,
): Promise<readonly Observed[]> {
  const [containers, outside] = await Promise.all([inspectAll(client, instance, signal), client.outside()]);
  return containers.map((container) => asObserved(container, { outside, all: containers }));
}

/** Containers whose own labels say that they are the instance's, whatever the engine's filter does. */
export async function listContainers(
  client: Client,
  instance: string | null,
  signal: AbortSignal,
): Promise<readonly ContainerInfo[]> {
  const found = (await client.get<ContainerInfo[]>(`/containers/json?all=true&${byInstance(instance)}`, signal)) ?? [];
  const own = found.filter(
    ({ Labels }) => Labels[label.instance] !== undefined && (instance === null || Labels[label.instance] === instance),
  );
  if (instance !== null) client.listed.set(instance, own);
  return own;
}

/** A container that goes between list and inspect is no error. */
export async function inspectAll(
  client: Client,
  instance: string | null,
  signal: AbortSignal,
): Promise<readonly ContainerInspectInfo[]> {
  return inspect(client, idsOf(await listContainers(client, instance, signal)), signal);
}

export function idsOf(containers: readonly ContainerInfo[]): readonly string[] {
  return containers.map(({ Id }) => Id);
}

export async function inspect(
  client: Client,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<readonly ContainerInspectInfo[]> {
  const found = await Promise.all(ids.map((id) => client.get<ContainerInspectInfo>(`/containers/${id}/json`, signal)));
  return found.filter((container) => container !== null);
}

export function asObserved(container: ContainerInspectInfo, sight: Sight): Observed {
  const labels = container.Config.Labels;
  const { State: state } = container;
  const record = readRecord(labels);
  const over = state.Status === 'exited' || state.Status === 'dead';
  return {
    instance: labels[label.instance] ?? '',
    service: labels[label.service] ?? labels['com.docker.compose.service'] ?? '',
    replica: Number(labels['com.docker.compose.container-number'] ?? 1),
    id: container.Id,
    state: runState(state.Status),
    exitCode: over ? state.ExitCode : null,
    startedAt: moment(state.StartedAt),
    createdAt: moment(container.Created) ?? 0,
    restarts: container.RestartCount,
    health: healthOf(state.Health?.Status),
    oomKilled: state.OOMKilled,
    fingerprint: labels[label.fingerprint] ?? '',
    outside: state.Running ? outsideAddresses(container, record, sight) : {},
    env: {
      ...longOptions(container.Config.Cmd ?? []),
      ...Object.fromEntries((container.Config.Env ?? []).map(splitVariable)),
    },
    record,
  };
}

function outsideAddresses(container: ContainerInspectInfo, record: ServiceRecord | null, sight: Sight): Addresses {
  const found = Object.entries(record?.ports ?? {}).flatMap(([name, { inside }]) => {
    const address = addressOf(container, inside, sight);
    return address === null ? [] : [[name, address] as const];
  });
  return Object.fromEntries(found);
}

const states: Readonly<Record<string, RunState>> = {
  created: 'created',
  running: 'running',
  paused: 'paused',
  restarting: 'restarting',
  exited: 'exited',
};

/** `removing` and `dead` are both past help. */
function runState(status: string): RunState {
  return states[status] ?? 'dead';
}

function healthOf(status: string | undefined): Observed['health'] {
  return status === 'starting' || status === 'healthy' || status === 'unhealthy' ? status : null;
}

/** Docker writes the year 1 for "never". */
function moment(text: string): number | null {
  const ms = Date.parse(text);
  return ms > 0 ? ms : null;
}

/** `--requirepass secret` and `--requirepass=secret`: an adopted service may say a parameter so. */
function longOptions(command: readonly string[]): Readonly<Record<string, string>> {
  const found = command.flatMap((word, at) => {
    if (!word.startsWith('--')) return [];
    const cut = word.indexOf('=');
    return cut > 0 ? [[word.slice(0, cut), word.slice(cut + 1)] as const] : [[word, command[at + 1] ?? ''] as const];
  });
  return Object.fromEntries(found);
}

function splitVariable(pair: string): [string, string] {
  const at = pair.indexOf('=');
  return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
}
