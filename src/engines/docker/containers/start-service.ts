import type { ContainerInfo, ContainerInspectInfo } from 'dockerode';
import type { EngineContext } from '../../../model/engine.js';
import { EnvctlError } from '../../../model/errors.js';
import type { Observed } from '../../../model/observed.js';
import type { Prepared } from '../../../model/workload.js';
import { apiFailure } from '../api/api-error.js';
import type { DockerClient } from '../client.js';
import { startFailure } from './engine-failure.js';
import { label } from './labels.js';
import { inspectContainers, listContainers } from './list-containers.js';
import { observedReplica } from './observe.js';

export interface ServiceStart {
  readonly prepared: Prepared;
  readonly service: string;
}

/** Starts every replica and returns how each looks right after. Throws PORT_TAKEN, SERVICE_FAILED. */
export async function startService(
  client: DockerClient,
  start: ServiceStart,
  { signal }: EngineContext,
): Promise<readonly Observed[]> {
  const { id: instance } = start.prepared.environment;
  const isReplica = ({ Labels }: ContainerInfo): boolean => Labels[label.service] === start.service;
  const list = async (): Promise<readonly ContainerInfo[]> =>
    (await listContainers(client, instance, signal)).filter(isReplica);
  const listed = client.listed.get(instance)?.filter(isReplica) ?? (await list());
  if (await startAll(client, listed, { ...start, signal })) return observeStarted(client, listed, signal);
  // Another process may have replaced them since they were listed.
  const relisted = await list();
  if (await startAll(client, relisted, { ...start, signal })) return observeStarted(client, relisted, signal);
  throw notCreated(start);
}

async function observeStarted(
  client: DockerClient,
  started: readonly ContainerInfo[],
  signal: AbortSignal,
): Promise<readonly Observed[]> {
  const [containers, access] = await Promise.all([inspectContainers(client, started, signal), client.hostAccess()]);
  const lenders = await inspectContainers(client, containers.flatMap(networkLender), signal);
  return containers.map((container) => observedReplica(container, { access, containers: [...containers, ...lenders] }));
}

/** The container whose network this one shares: its addresses are found there. */
function networkLender({ HostConfig }: ContainerInspectInfo): readonly { readonly Id: string }[] {
  const id = /^container:(.+)$/.exec(HostConfig.NetworkMode ?? '')?.[1];
  return id === undefined ? [] : [{ Id: id }];
}

type AbortableStart = ServiceStart & { readonly signal: AbortSignal };

/** False if there is no container, or if one of them has been removed. */
async function startAll(
  client: DockerClient,
  containers: readonly ContainerInfo[],
  start: AbortableStart,
): Promise<boolean> {
  const results = await Promise.all(containers.map(({ Id }) => startContainer(client, Id, start)));
  return results.length > 0 && !results.includes('removed');
}

async function startContainer(
  client: DockerClient,
  id: string,
  { prepared, service, signal }: AbortableStart,
): Promise<'running' | 'removed'> {
  try {
    await client.startSlot(() => client.api.startContainer(id, signal));
  } catch (error) {
    signal.throwIfAborted();
    const { status, message } = apiFailure(error);
    if (status === null) throw error;
    if (status === 404 && /no such container/i.test(message)) return 'removed';
    if (!/paused/.test(message)) throw startFailure(message, prepared.environment, service);
    await client.api.unpauseContainer(id, signal);
  }
  return 'running';
}

function notCreated({ prepared, service }: ServiceStart): EnvctlError {
  const position = prepared.environment.services.find(({ name }) => name === service)?.position;
  return new EnvctlError('SERVICE_FAILED', `The container of service "${service}" was removed after its creation`, {
    hint: 'Run `envctl up` again to create it.',
    service,
    ...(position === undefined ? {} : { position }),
  });
}
