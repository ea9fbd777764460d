import type { EngineContext, Observed, Prepared } from '../../core/contracts.js';
import { EnvctlError } from '../../core/errors.js';
import { failureOf, within } from './calls.js';
import type { Client } from './client.js';
import { startFailure } from './failures.js';
import { label } from './labels.js';
import { asObserved, inspect, listContainers } from './observe.js';

/** Starts every replica through the Engine API and tells what each looks like right after. Throws PORT_TAKEN, SERVICE_FAILED. */
export async function startService(
  client: Client,
  order: { readonly prepared: Prepared; readonly service: string },
  context: EngineContext,
): Promise<readonly Observed[]> {
  const { prepared, service } = order;
  const listed = client.listed.get(prepared.environment.id) ?? (await listContainers(client, prepared.environment.id, context.signal));
  const ids = listed.filter(({ Labels }) => Labels[label.service] === service).map(({ Id }) => Id);
  if (ids.length === 0) throw notCreated(prepared, service);
  await Promise.all(ids.map((id) => startContainer(client, id, { ...order, signal: context.signal })));
  const [containers, outside] = await Promise.all([inspect(client, ids, context.signal), client.outside()]);
  return containers.map((container) => asObserved(container, { outside, all: containers }));
}

const startTimeoutMs = 60_000;

async function startContainer(
  client: Client,
  id: string,
  { prepared, service, signal }: { readonly prepared: Prepared; readonly service: string; readonly signal: AbortSignal },
): Promise<void> {
  const container = (await client.docker()).getContainer(id);
  try {
    await container.start({ abortSignal: within(signal, startTimeoutMs) });
  } catch (error) {
    signal.throwIfAborted();
    const { status, message } = failureOf(error);
    if (status === 304) return; // it runs already
    if (status === 404) throw notCreated(prepared, service);
    if (/paused/.test(message)) return void (await container.unpause({ abortSignal: within(signal, startTimeoutMs) }));
    throw status === null ? error : startFailure(message, prepared.environment, service);
  }
}

function notCreated(prepared: Prepared, service: string): EnvctlError {
  const position = prepared.environment.services.find(({ name }) => name === service)?.position;
  return new EnvctlError('SERVICE_FAILED', `The container of "${service}" is gone: somebody removed it after it was created`, {
    hint: 'Run `envctl up` again: it makes what is missing.',
    service,
    ...(position === undefined ? {} : { position }),
  });
}
