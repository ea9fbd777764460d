import { setTimeout as sleep } from 'node:timers/promises';
import type { EngineContext } from '../../model/engine.js';
import type { BoundService } from '../../model/service.js';
import type { Prepared } from '../../model/workload.js';
import type { ProcessResult } from '../../processes/run-process.js';
import type { DockerClient } from '../docker/client.js';
import { belongsTo, label } from '../docker/containers/labels.js';
import { inspectContainers, listContainers } from '../docker/containers/list-containers.js';
import { removeContainers } from '../docker/containers/remove-containers.js';
import { imageUser } from '../docker/images/image-metadata.js';
import { hostAccessNotice, loopback } from '../docker/network/host-access.js';
import { joinNetworks } from '../docker/network/join-network.js';
import { runCompose, withoutComposeVariables } from './compose-cli.js';
import { composeFailure } from './compose-failure.js';
import { renderCompose } from './render.js';

export interface Creation {
  readonly prepared: Prepared;
  readonly services: readonly string[];
}

/**
 * Creates networks, stores and containers of `services` with `docker compose create`, from a Compose file on stdin.
 * Starts nothing. Throws COMPOSE_REFUSED with Compose's message, NETWORK_FAILED, PORT_TAKEN, COMPOSE_MISSING.
 */
export async function createServices(client: DockerClient, creation: Creation, context: EngineContext): Promise<void> {
  if (creation.services.length === 0) return;
  const { id } = creation.prepared.environment;
  const { signal } = context;
  const [stdin] = await Promise.all([
    composeFile(client, creation.prepared, context),
    removeUnstarted(client, creation, signal),
  ]);
  await createWithRetry(client, { ...creation, stdin }, signal);
  await Promise.all([listContainers(client, id, signal), joinNetworks(client, id, signal)]);
}

async function composeFile(client: DockerClient, prepared: Prepared, { emit, signal }: EngineContext): Promise<string> {
  const [endpoint, access, users] = await Promise.all([
    client.api.endpoint(),
    client.hostAccess(),
    imageUsers(client, prepared, signal),
  ]);
  const notice = hostAccessNotice(endpoint, access);
  if (notice !== null && client.isFirst(notice)) emit({ type: 'notice', text: notice });
  const options =
    access.kind === 'published'
      ? ({ bind: access.bind, ports: 'all', users } as const)
      : ({ bind: loopback, ports: 'fixed', users } as const);
  return JSON.stringify(renderCompose(prepared, options));
}

/** Removes containers that an interrupted `up` has created but not started: they may lack a network or a secret. */
async function removeUnstarted(
  client: DockerClient,
  { prepared, services }: Creation,
  signal: AbortSignal,
): Promise<void> {
  const instance = prepared.environment.id;
  const listed = await listContainers(client, instance, signal);
  const unstarted = listed.filter(
    ({ State, Labels }) => State === 'created' && services.includes(Labels[label.service] ?? ''),
  );
  const containers = await inspectContainers(client, unstarted, signal);
  await removeContainers(client, containers, { instance, graceMs: 0, volumes: 'all', signal });
}

/** USER of images whose services keep data in memory: the tmpfs must belong to that user. */
async function imageUsers(
  client: DockerClient,
  { workloads }: Prepared,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const inMemory = workloads.filter(({ stores }) => stores.some(({ storage }) => storage === 'memory'));
  const ids = [...new Set(inMemory.map(({ image }) => image?.id ?? ''))].filter((id) => id !== '');
  const users = await Promise.all(ids.map(async (id) => [id, await imageUser(client, id, signal)] as const));
  return new Map(users);
}

type ComposeCreation = Creation & { readonly stdin: string };

const maxAttempts = 20;
const retryDelayMs = 150;

async function createWithRetry(client: DockerClient, creation: ComposeCreation, signal: AbortSignal): Promise<void> {
  const { id: instance, services } = creation.prepared.environment;
  for (let attempt = 1; ; attempt++) {
    const result = await composeCreate(client, creation, signal);
    if (result.exitCode === 0) return;
    if (attempt === maxAttempts || !(await isTransientConflict(client, { instance, result }, signal)))
      throw composeFailure(result, { instance, endpoint: await client.api.endpoint(), services });
    await sleep(retryDelayMs);
  }
}

const createTimeoutMs = 120_000;

function composeCreate(
  client: DockerClient,
  { prepared, services, stdin }: ComposeCreation,
  signal: AbortSignal,
): Promise<ProcessResult> {
  const { id, project } = prepared.environment;
  const file = ['-p', id, '--project-directory', project, '--env-file', '/dev/null', '-f', '-'];
  const create = ['create', '--no-recreate', '--no-build', '--pull', 'never', ...services];
  return runCompose(['--ansi', 'never', '--progress', 'quiet', ...file, ...create], {
    env: withoutComposeVariables(client.env),
    signal,
    stdin,
    timeoutMs: createTimeoutMs,
    onStart: () => {
      if (prepared.environment.services.some(hasExecProbe)) client.api.preloadExec();
    },
  });
}

/** Whether readiness is checked by commands in the container. */
function hasExecProbe({ gate }: BoundService): boolean {
  return gate.probes.some(({ kind }) => kind === 'exec' || kind === 'healthcheck');
}

/** Whether the name belongs to a container of this instance, or to one that has been removed since. */
async function isTransientConflict(
  client: DockerClient,
  { instance, result }: { readonly instance: string; readonly result: ProcessResult },
  signal: AbortSignal,
): Promise<boolean> {
  const holder = /is already in use by container "([0-9a-f]+)"/.exec(result.stderr)?.[1];
  if (holder === undefined) return false;
  const container = await client.api.inspectContainer(holder, signal);
  return container === null || belongsTo(container.Config.Labels, instance);
}
