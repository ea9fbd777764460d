import type { ContainerInspectInfo } from 'dockerode';
import type { Target } from '../../../model/engine.js';
import { EnvctlError } from '../../../model/errors.js';
import type { DockerClient } from '../client.js';
import { label, replicaOf } from './labels.js';
import { inspectContainers, listContainers } from './list-containers.js';

/** Id of a replica's container, from the last list if possible. Throws INSTANCE_UNKNOWN, SERVICE_FAILED. */
export async function findContainerId(client: DockerClient, target: Target, signal: AbortSignal): Promise<string> {
  const known = listedId(client, target);
  if (known !== undefined) return known;
  const listed = await listContainers(client, target.instance, signal);
  const id = listedId(client, target);
  if (id !== undefined) return id;
  if (listed.length === 0)
    throw new EnvctlError('INSTANCE_UNKNOWN', `Instance "${target.instance}" does not exist on this engine`, {
      hint: '`envctl ls` lists the instances.',
    });
  const services = [...new Set(listed.map(({ Labels }) => Labels[label.service] ?? ''))].sort();
  const replica = target.replica === 1 ? '' : ` ${target.replica}`;
  throw new EnvctlError(
    'SERVICE_FAILED',
    `Service "${target.service}" has no container${replica} in instance "${target.instance}"`,
    {
      hint: `The instance has containers of: ${services.join(', ')}. \`envctl up\` creates missing ones.`,
      service: target.service,
    },
  );
}

/** As `findContainerId`, inspected. A container that was replaced in the meantime is looked up again. */
export async function findContainer(
  client: DockerClient,
  target: Target,
  signal: AbortSignal,
): Promise<ContainerInspectInfo> {
  for (let attempt = 1; attempt <= 2; attempt++) {
    const Id = await findContainerId(client, target, signal);
    const [container] = await inspectContainers(client, [{ Id }], signal);
    if (container !== undefined) return container;
    client.listed.delete(target.instance);
  }
  throw new EnvctlError('SERVICE_FAILED', `The container of service "${target.service}" has just been removed`, {
    hint: 'Run `envctl up` to create it again.',
    service: target.service,
  });
}

function listedId(client: DockerClient, { instance, service, replica }: Target): string | undefined {
  const containers = client.listed.get(instance) ?? [];
  return containers.find(({ Labels }) => Labels[label.service] === service && replicaOf(Labels) === replica)?.Id;
}
