import { existsSync } from 'node:fs';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { EnvctlError } from '../../model/errors.js';
import type { Prepared, Workload } from '../../model/workload.js';
import {
  type EmbeddedContext,
  instanceFolder,
  keepFile,
  linkOf,
  memoryFolder,
  type Replica,
  replicaFolder,
} from './context.js';
import { openFolder } from './files.js';
import type { Ports } from './ports.js';
import { type Created, readCreated, writeRecord } from './records.js';
import { findServer, serverNamed } from './servers/registry.js';
import { askerOf, placeOf, portsOf, storeOf, type Task, tasksOf } from './tasks.js';

/** Makes the stores and records of services, without running any. What is there already stays. */
export async function create(world: EmbeddedContext, prepared: Prepared, services: readonly string[]): Promise<void> {
  await Promise.all(
    services.flatMap((service) => tasksOf(prepared, service)).map((task) => createReplica(world, task)),
  );
}

export async function createReplica(world: EmbeddedContext, task: Task): Promise<void> {
  const folder = replicaFolder(world, task.replica);
  await makeFolders(world, task.replica);
  await (task.workload.record.keep
    ? writeFile(keepFile(world, task.replica), '')
    : rm(keepFile(world, task.replica), { force: true }));
  await fillStore(world, task);
  if (readCreated(folder)?.fingerprint === task.workload.fingerprint) return;
  writeRecord(folder, 'created', createdFrom(world, task));
}

/** As root, others may pass through (and see nothing), since some servers run as an unprivileged user. */
async function makeFolders(world: EmbeddedContext, { instance, service, replica }: Replica): Promise<void> {
  const folders = [
    '',
    'services',
    `services/${service}`,
    `services/${service}/${replica}`,
    'stores',
    `stores/${service}`,
  ];
  await mkdir(world.stateDir, { recursive: true });
  for (const name of folders) {
    const folder = path.join(instanceFolder(world, instance), name);
    if (process.getuid?.() === 0) await openFolder(folder);
    else await mkdir(folder, { recursive: true, mode: 0o700 });
  }
}

function createdFrom(world: EmbeddedContext, task: Task): Created {
  const { replica, workload } = task;
  const { process: spec, env, fingerprint, record } = workload;
  const ports = portsOf(world, { replica, workload });
  return {
    version: 1,
    ...replica,
    fingerprint,
    createdAt: Date.now(),
    cwd: spec?.kind === 'command' ? spec.cwd : storeOf(world, { replica, workload }),
    environment: { ...env, ...portVariables(workload, ports) },
    ports,
    stopSignal: spec?.kind === 'server' ? (serverNamed(replica.service, spec.run).stopSignal ?? 'SIGTERM') : 'SIGTERM',
    record,
  };
}

function portVariables({ process: spec }: Workload, ports: Ports): Readonly<Record<string, string>> {
  const variables = spec?.kind === 'command' ? Object.entries(spec.portVariables) : [];
  return Object.fromEntries(
    variables.flatMap(([name, variable]) => (ports[name] === undefined ? [] : [[variable, String(ports[name])]])),
  );
}

/** Makes sure that the store is there and filled: data in memory is gone after the machine was. */
export async function fillStore(world: EmbeddedContext, task: Task): Promise<void> {
  const { workload, replica } = task;
  const store = storeOf(world, task);
  const memory =
    linkOf(store) ??
    (workload.stores.some(({ storage }) => storage === 'memory') ? memoryFolder(world, replica) : null);
  if (memory && linkOf(store) === null && existsSync(store)) throw keptOnDisk(replica, store);
  await mkdir(memory ?? store, { recursive: true, mode: 0o700 });
  if (memory && linkOf(store) === null) await symlink(memory, store).catch(ignoreExisting);
  if (workload.process?.kind !== 'server') return;
  const asker = askerOf(world, task);
  const { server, tool } = await findServer(world, asker, workload.process.run);
  await server.prepare?.(world, tool, asker);
  await server.fill?.(world, tool, await placeOf(world, task));
}

/** A store has one place here, so what was kept would be worked on, or be in the way. */
function keptOnDisk({ service }: Replica, store: string): EnvctlError {
  return new EnvctlError('DATA_AT_RISK', `${service} has kept data on disk, and would now have them in memory`, {
    hint: `Bring it up on them (envctl up --storage disk), let them go (envctl down), or use another instance (-i); they are in ${store}.`,
    service,
  });
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
