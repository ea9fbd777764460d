import type { ContainerInspectInfo } from 'dockerode';
import type { Target } from '../../../model/engine.js';
import { EnvctlError } from '../../../model/errors.js';
import type { Client } from '../api/client.js';
import { label } from './labels.js';
import { inspect, listContainers } from './observe.js';

/** Id of a replica's container, from the last list where that has it. Throws INSTANCE_UNKNOWN or SERVICE_FAILED where there is none. */
export async function findId(client: Client, target: Target, signal: AbortSignal): Promise<string> {
  const known = pick(client, target);
  if (known !== undefined) return known;
  const listed = await listContainers(client, target.instance, signal);
  const found = pick(client, target);
  if (found !== undefined) return found;
  if (listed.length === 0)
    throw new EnvctlError('INSTANCE_UNKNOWN', `There is no instance "${target.instance}" on this engine`, {
      hint: '`envctl ls` shows those there are.',
    });
  const names = [...new Set(listed.map(({ Labels }) => Labels[label.service] ?? ''))].sort();
  throw new EnvctlError(
    'SERVICE_FAILED',
    `"${target.service}" has no container ${target.replica} in "${target.instance}"`,
    {
      hint: `It has: ${names.join(', ')}. \`envctl up\` makes what is missing.`,
      service: target.service,
    },
  );
}

/** As `findId`, inspected; a container that was replaced meanwhile is looked for once more. */
export async function findContainer(
  client: Client,
  target: Target,
  signal: AbortSignal,
): Promise<ContainerInspectInfo> {
  const [container] = await inspect(client, [await findId(client, target, signal)], signal);
  if (container !== undefined) return container;
  client.listed.delete(target.instance);
  const [again] = await inspect(client, [await findId(client, target, signal)], signal);
  if (again !== undefined) return again;
  throw new EnvctlError('SERVICE_FAILED', `"${target.service}" was just removed`, {
    hint: '`envctl up` makes what is missing.',
    service: target.service,
  });
}

function pick(client: Client, { instance, service, replica }: Target): string | undefined {
  return client.listed
    .get(instance)
    ?.find(
      ({ Labels }) =>
        Labels[label.service] === service && Labels['com.docker.compose.container-number'] === String(replica),
    )?.Id;
}
