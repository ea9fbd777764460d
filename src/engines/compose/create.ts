import type { ContainerInspectInfo } from 'dockerode';
import type { EngineContext } from '../../model/engine.js';
import type { Prepared } from '../../model/workload.js';
import type { ProcessResult } from '../../processes/run-process.js';
import type { Client } from '../docker/api/client.js';
import { composeFailure } from '../docker/containers/failures.js';
import { label } from '../docker/containers/labels.js';
import { idsOf, inspect, listContainers } from '../docker/containers/observe.js';
import { removeContainers } from '../docker/containers/remove-containers.js';
import { inspectImage } from '../docker/images/image-metadata.js';
import { loopback, outsideNotice } from '../docker/network/host-access.js';
import { joinNetworks } from '../docker/network/join-network.js';
import { runCompose, withoutComposeVariables } from './compose-cli.js';
import { renderCompose } from './render.js';

const createTimeoutMs = 120_000;

export interface CreateOrder {
  readonly prepared: Prepared;
  readonly services: readonly string[];
}

/**
 * Makes networks, stores and containers of `services` through `docker compose create`, from a rendering given on stdin; starts nothing.
 * Containers left in state `created` by an interrupted `up` may lack a network or a secret and are replaced.
 * Throws COMPOSE_REFUSED with Compose's own words, NETWORK_FAILED, PORT_TAKEN, COMPOSE_MISSING.
 */
export async function createServices(client: Client, order: CreateOrder, context: EngineContext): Promise<void> {
  if (order.services.length === 0) return;
  const { environment } = order.prepared;
  const [input] = await Promise.all([
    render(client, order.prepared, context),
    removeHalfMade(client, order, context.signal),
  ]);
  for (let attempt = 1; ; attempt++) {
    const result = await composeCreate(client, { ...order, input }, context.signal);
    if (result.exitCode === 0) break;
    const passes =
      attempt < conflictAttempts &&
      (await conflictPasses(client, { instance: environment.id, result }, context.signal));
    if (!passes)
      throw composeFailure(result, {
        instance: environment.id,
        connected: await client.connect(),
        services: environment.services,
      });
  }
  await Promise.all([
    listContainers(client, environment.id, context.signal),
    joinNetworks(client, environment.id, context.signal),
  ]);
}

async function render(client: Client, prepared: Prepared, { emit, signal }: EngineContext): Promise<string> {
  const [{ endpoint }, outside, users] = await Promise.all([
    client.connect(),
    client.outside(),
    imageUsers(client, prepared, signal),
  ]);
  const notice = outsideNotice(endpoint, outside);
  if (notice !== null && client.first(notice)) emit({ type: 'notice', text: notice });
  const bind = outside.kind === 'published' ? outside.bind : loopback;
  return JSON.stringify(
    renderCompose(prepared, { bind, ports: outside.kind === 'published' ? 'all' : 'fixed', users }),
  );
}

function composeCreate(
  client: Client,
  order: CreateOrder & { readonly input: string },
  signal: AbortSignal,
): Promise<ProcessResult> {
  const { id, project } = order.prepared.environment;
  const file = ['-p', id, '--project-directory', project, '--env-file', '/dev/null', '-f', '-'];
  const create = ['create', '--no-recreate', '--no-build', '--pull', 'never', ...order.services];
  const env = withoutComposeVariables(client.options.env);
  const options = { env, signal, stdin: order.input, timeoutMs: createTimeoutMs, onStart: client.warm };
  return runCompose(['--ansi', 'never', '--progress', 'quiet', ...file, ...create], options);
}

async function removeHalfMade(client: Client, { prepared, services }: CreateOrder, signal: AbortSignal): Promise<void> {
  const instance = prepared.environment.id;
  const listed = await listContainers(client, instance, signal);
  const half = listed.filter(
    ({ State, Labels }) => State === 'created' && services.includes(Labels[label.service] ?? ''),
  );
  await removeContainers(client, await inspect(client, idsOf(half), signal), {
    instance,
    graceMs: 0,
    doomed: 'all',
    signal,
  });
}

/** USER of the images whose workloads ask for memory: a tmpfs must be made out to it. */
async function imageUsers(
  client: Client,
  prepared: Prepared,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const wanted = prepared.workloads.filter(
    ({ stores, image }) => image !== null && stores.some(({ storage }) => storage === 'memory'),
  );
  const ids = [...new Set(wanted.map(({ image }) => image?.id ?? ''))].filter((id) => id !== '');
  return new Map(
    await Promise.all(
      ids.map(async (id): Promise<[string, string]> => [id, (await inspectImage(client, id, signal))?.user ?? '']),
    ),
  );
}

const conflictAttempts = 20;

/** A name may still be held by a container of ours that is being removed; anybody else's container is left alone. */
async function conflictPasses(
  client: Client,
  failed: { readonly instance: string; readonly result: ProcessResult },
  signal: AbortSignal,
): Promise<boolean> {
  const holder = /is already in use by container "([0-9a-f]+)"/.exec(failed.result.stderr)?.[1];
  if (holder === undefined) return false;
  const container = await client.get<ContainerInspectInfo>(`/containers/${holder}/json`, signal);
  if (container !== null && container.Config.Labels[label.instance] !== failed.instance) return false;
  await new Promise((resolve) => setTimeout(resolve, 150));
  return true;
}
