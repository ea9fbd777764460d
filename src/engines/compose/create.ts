import type { ContainerInspectInfo } from 'dockerode';
import type { EngineContext, Prepared } from '../../core/contracts.js';
import type { Client } from './client.js';
import type { CommandResult } from './command.js';
import { runCompose, withoutComposeVariables } from './compose.js';
import { inspectImage } from './facts.js';
import { composeFailure, type Subject } from './failures.js';
import { joinNetworks } from './join.js';
import { label } from './labels.js';
import { idsOf, inspect, listContainers } from './observe.js';
import { loopback, outsideNotice } from './outside.js';
import { removeContainers } from './remove.js';
import { renderCompose } from './render.js';

const createTimeoutMs = 120_000;

/**
 * Makes networks, stores and containers of `services` through `docker compose create`, from a rendering given on stdin; starts nothing.
 * Containers left in state `created` by an interrupted `up` may lack a network or a secret and are replaced.
 * Throws COMPOSE_REFUSED with Compose's own words, NETWORK_FAILED, PORT_TAKEN, COMPOSE_MISSING.
 */
export async function createServices(
  client: Client,
  prepared: Prepared,
  services: readonly string[],
  context: EngineContext,
): Promise<void> {
  if (services.length === 0) return;
  const { environment } = prepared;
  const [connected, outside, users] = await Promise.all([
    client.connect(),
    client.outside(),
    imageUsers(client, prepared, context.signal),
    removeHalfMade(client, prepared, services, context),
  ]);
  const notice = outsideNotice(connected.endpoint, outside);
  if (notice !== null && client.first(notice)) context.emit({ type: 'notice', text: notice });
  const published =
    outside.kind === 'published' ? { bind: outside.bind, ports: 'all' as const } : { bind: loopback, ports: 'fixed' as const };
  const input = JSON.stringify(renderCompose(prepared, { ...published, users }));
  const subject: Subject = { instance: environment.id, connected, services: environment.services };
  for (let attempt = 1; ; attempt++) {
    const result = await composeCreate(client, { prepared, services, input }, context.signal);
    if (result.exitCode === 0)
      return void (await Promise.all([
        listContainers(client, environment.id, context.signal),
        joinNetworks(client, environment.id, context.signal),
      ]));
    if (attempt === conflictAttempts || !(await conflictWillPass(client, environment.id, result, context.signal)))
      throw composeFailure(result, subject);
  }
}

interface Creation {
  readonly prepared: Prepared;
  readonly services: readonly string[];
  readonly input: string;
}

function composeCreate(client: Client, { prepared, services, input }: Creation, signal: AbortSignal): Promise<CommandResult> {
  const { id, project } = prepared.environment;
  const settings = [
    '--ansi',
    'never',
    '--progress',
    'quiet',
    '-p',
    id,
    '--project-directory',
    project,
    '--env-file',
    '/dev/null',
    '-f',
    '-',
  ];
  const parameters = [...settings, 'create', '--no-recreate', '--no-build', '--pull', 'never', ...services];
  return runCompose(parameters, {
    environment: withoutComposeVariables(client.options.environment),
    signal,
    input,
    timeoutMs: createTimeoutMs,
    onStart: client.warm,
  });
}

async function removeHalfMade(client: Client, prepared: Prepared, services: readonly string[], { signal }: EngineContext): Promise<void> {
  const listed = await listContainers(client, prepared.environment.id, signal);
  const half = listed.filter(({ State, Labels }) => State === 'created' && services.includes(Labels[label.service] ?? ''));
  await removeContainers(client, await inspect(client, idsOf(half), signal), { instance: prepared.environment.id, graceMs: 0, signal });
}

/** USER of the images whose workloads ask for memory: a tmpfs must be made out to it. */
async function imageUsers(client: Client, prepared: Prepared, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
  const wanted = prepared.workloads.filter(({ stores, image }) => image !== null && stores.some(({ storage }) => storage === 'memory'));
  const ids = [...new Set(wanted.map(({ image }) => image?.id ?? ''))].filter((id) => id !== '');
  return new Map(
    await Promise.all(ids.map(async (id): Promise<[string, string]> => [id, (await inspectImage(client, id, signal))?.user ?? ''])),
  );
}

const conflictAttempts = 20;

/** A name may still be held by a container of ours that is being removed; anybody else's container is left alone. */
async function conflictWillPass(client: Client, instance: string, result: CommandResult, signal: AbortSignal): Promise<boolean> {
  const holder = /is already in use by container "([0-9a-f]+)"/.exec(result.stderr)?.[1];
  if (holder === undefined) return false;
  const container = await client.get<ContainerInspectInfo>(`/containers/${holder}/json`, signal);
  if (container !== null && container.Config.Labels[label.instance] !== instance) return false;
  await new Promise((resolve) => setTimeout(resolve, 150));
  return true;
}
