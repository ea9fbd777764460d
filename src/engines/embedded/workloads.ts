/** Making and starting the replicas of services. */
import { EnvctlError } from '../../core/errors.js';
import type { Prepared, Workload } from '../../core/contracts.js';
import { mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { openFolder } from './files.js';
import { baseEnvironment, launch } from './launch.js';
import { mark } from './processes.js';
import { claimsOf, keyOf, type Ports, requireFree } from './ports.js';
import { type Created, readCreated, standingOf, writeRecord } from './records.js';
import type { Asker, Launch, Place } from './servers/server.js';
import { findServer, serverNamed } from './servers/servers.js';
import { stopReplica } from './stop.js';
import { instanceFolder, linkOf, memoryFolder, type Replica, replicaFolder, storeFolder, type World } from './world.js';

/** One replica that is to be made, with what it was rendered from. */
interface Task {
  readonly replica: Replica;
  readonly workload: Workload;
  readonly project: string;
}

const tasksOf = ({ environment, workloads }: Prepared, service: string): readonly Task[] =>
  workloads
    .filter((workload) => workload.service === service)
    .flatMap((workload) =>
      Array.from({ length: workload.replicas }, (_, index) => ({ workload, project: environment.project, replica: { instance: environment.id, service, replica: index + 1 } })),
    );

export async function create(world: World, prepared: Prepared, services: readonly string[]): Promise<void> {
  await Promise.all(services.flatMap((service) => tasksOf(prepared, service)).map((task) => createReplica(world, task)));
}

async function createReplica(world: World, task: Task): Promise<void> {
  const folder = replicaFolder(world, task.replica);
  await makeFolders(world, task.replica);
  await fillStore(world, task);
  if (readCreated(folder)?.fingerprint === task.workload.fingerprint) return;
  writeRecord(folder, 'created', createdFrom(world, task));
}

/** As root, others may pass through (and see nothing), since some servers run as an unprivileged user. */
async function makeFolders(world: World, { instance, service, replica }: Replica): Promise<void> {
  const folders = ['', 'services', `services/${service}`, `services/${service}/${replica}`, 'stores', `stores/${service}`];
  await mkdir(world.stateDir, { recursive: true });
  for (const name of folders) {
    const folder = path.join(instanceFolder(world, instance), name);
    if (process.getuid?.() === 0) await openFolder(folder);
    else await mkdir(folder, { recursive: true, mode: 0o700 });
  }
}

function createdFrom(world: World, task: Task): Created {
  const { replica, workload } = task;
  const { process: spec, environment, fingerprint, record } = workload;
  const ports = portsOf(world, { replica, workload });
  return {
    version: 1,
    ...replica,
    fingerprint,
    createdAt: Date.now(),
    cwd: spec?.kind === 'command' ? spec.cwd : storeOf(world, { replica, workload }),
    environment: { ...environment, ...portVariables(workload, ports) },
    ports,
    stopSignal: spec?.kind === 'server' ? (serverNamed(replica.service, spec.run).stopSignal ?? 'SIGTERM') : 'SIGTERM',
    record,
  };
}

/** Published ports are the first replica's; the others have their own. */
function portsOf(world: World, { replica, workload }: Pick<Task, 'replica' | 'workload'>): Ports {
  const claims = claimsOf(world, replica.instance);
  const names = Object.keys(workload.ports).map((name) => {
    const port = (replica.replica === 1 ? workload.publish[name] : null) ?? claims.get(keyOf({ ...replica, name }));
    if (port === undefined) throw new Error(`bug: port ${name} of ${replica.service} was never reserved`);
    return [name, port] as const;
  });
  return Object.fromEntries(names);
}

function portVariables({ process: spec }: Workload, ports: Ports): Readonly<Record<string, string>> {
  const variables = spec?.kind === 'command' ? Object.entries(spec.portVariables) : [];
  return Object.fromEntries(variables.flatMap(([name, variable]) => (ports[name] === undefined ? [] : [[variable, String(ports[name])]])));
}

/** A service without data paths loses what it wrote when it is made anew, as a container does. */
const storeOf = (world: World, { replica, workload }: Pick<Task, 'replica' | 'workload'>): string =>
  workload.stores.length > 0 ? storeFolder(world, replica) : path.join(replicaFolder(world, replica), 'store');

/** Makes sure that the store is there and filled: data in memory is gone after the machine was. */
async function fillStore(world: World, task: Task): Promise<void> {
  const { workload, replica } = task;
  const store = storeOf(world, task);
  const memory = linkOf(store) ?? (workload.stores.some(({ storage }) => storage === 'memory') ? memoryFolder(world, replica) : null);
  await mkdir(memory ?? store, { recursive: true, mode: 0o700 });
  if (memory && linkOf(store) === null) await symlink(memory, store).catch(ignoreExisting);
  if (workload.process?.kind !== 'server') return;
  const asker = askerOf(world, task);
  const { server, tool } = await findServer(world, asker, workload.process.run);
  await server.prepare?.(world, tool, asker);
  await server.fill?.(world, tool, await placeOf(world, task));
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

const askerOf = (world: World, { workload, replica, project }: Task): Asker => ({
  service: workload.service,
  parameters: workload.parameters,
  project,
  environment: { ...baseEnvironment(world), [mark]: instanceFolder(world, replica.instance) },
});

async function placeOf(world: World, task: Task): Promise<Place> {
  const scratch = path.join(replicaFolder(world, task.replica), 'scratch');
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  const claims = [...claimsOf(world, task.replica.instance)].map(([key, port]) => [key.split('/'), port] as const);
  const own = claims.filter(([[service, replica]]) => service === task.replica.service && replica === String(task.replica.replica));
  const ports = { ...Object.fromEntries(own.map(([[, , name], port]) => [name, port])), ...portsOf(world, task) };
  return { store: storeOf(world, task), scratch, ports, asker: askerOf(world, task) };
}

/** Starts the replicas that do not run. Throws PORT_TAKEN, SERVICE_FAILED. */
export async function start(world: World, prepared: Prepared, { service, signal }: { readonly service: string; readonly signal: AbortSignal }): Promise<void> {
  await Promise.all(tasksOf(prepared, service).map((task) => startReplica(world, task, signal)));
}

async function startReplica(world: World, task: Task, signal: AbortSignal): Promise<void> {
  const folder = replicaFolder(world, task.replica);
  const { state } = standingOf(folder);
  if (state === 'running') return;
  if (state === 'exited') await stopReplica(world, task.replica, { graceMs: 0, signal });
  if (!readCreated(folder)) await createReplica(world, task);
  const created = readCreated(folder);
  if (!created) throw new Error(`bug: ${folder} holds no record that was just written`);
  await requireFree(task.replica.service, created.ports);
  const how = await launchOf(world, task, created);
  try {
    await launch(world, { ...how, environment: { ...how.environment, ...created.environment }, replica: task.replica, cwd: created.cwd });
  } catch (error) {
    throw new EnvctlError('SERVICE_FAILED', `"${task.replica.service}" could not be started: ${(error as Error).message}`, {
      hint: `Its working directory is ${created.cwd}.`,
      service: task.replica.service,
      cause: error,
    });
  }
}

async function launchOf(world: World, task: Task, created: Created): Promise<Launch> {
  const { workload } = task;
  if (!workload.process) throw new Error(`bug: ${workload.service} has no process form`);
  if (workload.process.kind === 'command') return { argv: workload.process.argv, environment: {}, user: null };
  await fillStore(world, task);
  const { server, tool } = await findServer(world, askerOf(world, task), workload.process.run);
  const place = await placeOf(world, task);
  return server.launch(world, tool, { ...place, ports: { ...place.ports, ...created.ports } });
}
