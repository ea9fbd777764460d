import type { ContainerInfo } from 'dockerode';
import { deadline } from '../../../model/deadline.js';
import type { EngineContext } from '../../../model/engine.js';
import { EnvctlError } from '../../../model/errors.js';
import type { Observed } from '../../../model/observed.js';
import type { Prepared } from '../../../model/workload.js';
import { failureOf } from '../api/api-errors.js';
import type { Client } from '../api/client.js';
import { startFailure } from './failures.js';
import { label } from './labels.js';
import { asObserved, idsOf, inspect, listContainers } from './observe.js';

interface Order {
  readonly prepared: Prepared;
  readonly service: string;
}

/** Starts every replica through the Engine API and tells what each looks like right after. Throws PORT_TAKEN, SERVICE_FAILED. */
export async function startService(client: Client, order: Order, context: EngineContext): Promise<readonly Observed[]> {
  const { signal } = context;
  const { id: instance } = order.prepared.environment;
  const known = containersOf(
    client.listed.get(instance) ?? (await listContainers(client, instance, signal)),
    order.service,
  );
  const started = await startAll(client, known, { ...order, signal });
  if (started) return look(client, known, signal);
  // Another process may have replaced them since they were listed.
  const again = containersOf(await listContainers(client, instance, signal), order.service);
  if (await startAll(client, again, { ...order, signal })) return look(client, again, signal);
  throw notCreated(order);
}

function containersOf(listed: readonly ContainerInfo[], service: string): readonly string[] {
  return idsOf(listed.filter(({ Labels }) => Labels[label.service] === service));
}

/** The network of a service that shares another one's is found at that one's container. */
async function look(client: Client, ids: readonly string[], signal: AbortSignal): Promise<readonly Observed[]> {
  const [containers, outside] = await Promise.all([inspect(client, ids, signal), client.outside()]);
  const lenders = containers.map(({ HostConfig }) => /^container:(.+)$/.exec(HostConfig.NetworkMode ?? '')?.[1]);
  const all = [
    ...containers,
    ...(await inspect(
      client,
      lenders.filter((id) => id !== undefined),
      signal,
    )),
  ];
  return containers.map((container) => asObserved(container, { outside, all }));
}

type Starting = Order & { readonly signal: AbortSignal };

/** false: there is none, or one of them is gone. */
async function startAll(client: Client, ids: readonly string[], starting: Starting): Promise<boolean> {
  const started = await Promise.all(ids.map((id) => startContainer(client, id, starting)));
  return started.length > 0 && !started.includes('gone');
}

const startTimeoutMs = 60_000;

async function startContainer(
  client: Client,
  id: string,
  { prepared, service, signal }: Starting,
): Promise<'running' | 'gone'> {
  const container = (await client.docker()).getContainer(id);
  try {
    await client.startTurn(() => container.start({ abortSignal: deadline(startTimeoutMs, signal) }));
  } catch (error) {
    signal.throwIfAborted();
    const { status, message } = failureOf(error);
    if (status === 404 && /no such container/i.test(message)) return 'gone';
    if (/paused/.test(message)) await container.unpause({ abortSignal: deadline(startTimeoutMs, signal) });
    // 304: it runs already.
    else if (status !== 304) throw status === null ? error : startFailure(message, prepared.environment, service);
  }
  return 'running';
}

function notCreated({ prepared, service }: Order): EnvctlError {
  const position = prepared.environment.services.find(({ name }) => name === service)?.position;
  return new EnvctlError(
    'SERVICE_FAILED',
    `The container of "${service}" is gone: somebody removed it after it was created`,
    {
      hint: 'Run `envctl up` again: it makes what is missing.',
      service,
      ...(position === undefined ? {} : { position }),
    },
  );
}
