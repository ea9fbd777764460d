import { existsSync } from 'node:fs';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { EnvctlError } from '../../model/errors.js';
import type { Prepared, Workload } from '../../model/workload.js';
import type { EmbeddedContext, Replica } from './context.js';
import { portsOf, type ReplicaSpec, replicaSpecs, requestOf, serverReplica, storeOf } from './replica-spec.js';
import { findServer, serverNamed } from './servers/registry.js';
import { instanceFolder, keepMarker, linkTarget, memoryFolder, replicaFolder } from './state/paths.js';
import { openFolder } from './state/permissions.js';
import type { PortNumbers } from './state/ports.js';
import { type CreatedRecord, readCreated, writeRecord } from './state/records.js';

/** Makes the stores and records of services and starts nothing. Those that exist stay unchanged. */
export async function create(context: EmbeddedContext, prepared: Prepared, services: readonly string[]): Promise<void> {
  const specs = services.flatMap((service) => replicaSpecs(prepared, service));
  await Promise.all(specs.map((spec) => createReplica(context, spec)));
}

export async function createReplica(context: EmbeddedContext, spec: ReplicaSpec): Promise<void> {
  const { replica, workload } = spec;
  const folder = replicaFolder(context, replica);
  await makeFolders(context, replica);
  await (workload.record.keep
    ? writeFile(keepMarker(context, replica), '')
    : rm(keepMarker(context, replica), { force: true }));
  await fillStore(context, spec);
  if (readCreated(folder)?.fingerprint === workload.fingerprint) return;
  writeRecord(folder, 'created', createdRecord(context, spec));
}

/** If the caller is root, others may pass through the folders (but not list them): some servers run as another user. */
async function makeFolders(context: EmbeddedContext, { instance, service, replica }: Replica): Promise<void> {
  const folders = [
    '',
    'services',
    `services/${service}`,
    `services/${service}/${replica}`,
    'stores',
    `stores/${service}`,
  ];
  await mkdir(context.stateDir, { recursive: true });
  for (const name of folders) {
    const folder = path.join(instanceFolder(context, instance), name);
    if (process.getuid?.() === 0) await openFolder(folder);
    else await mkdir(folder, { recursive: true, mode: 0o700 });
  }
}

function createdRecord(context: EmbeddedContext, spec: ReplicaSpec): CreatedRecord {
  const { replica, workload } = spec;
  const { process, env, fingerprint, stopTimeoutMs, record } = workload;
  const ports = portsOf(context, spec);
  const server = process?.kind === 'server' ? serverNamed(replica.service, process.run) : null;
  return {
    version: 1,
    ...replica,
    fingerprint,
    createdAt: Date.now(),
    cwd: process?.kind === 'command' ? process.cwd : storeOf(context, spec),
    env: { ...env, ...portVariables(workload, ports) },
    ports,
    stopSignal: server?.stopSignal ?? 'SIGTERM',
    stopTimeoutMs,
    record,
  };
}

function portVariables({ process: spec }: Workload, ports: PortNumbers): Readonly<Record<string, string>> {
  const variables = spec?.kind === 'command' ? Object.entries(spec.portVariables) : [];
  return Object.fromEntries(
    variables.flatMap(([name, variable]) => (ports[name] === undefined ? [] : [[variable, String(ports[name])]])),
  );
}

/** Makes the store if it is missing, and fills it. Also needed before a start: data in memory is lost at a reboot. */
export async function fillStore(context: EmbeddedContext, spec: ReplicaSpec): Promise<void> {
  await makeStore(context, spec);
  const { process } = spec.workload;
  if (process?.kind !== 'server') return;
  const request = requestOf(context, spec);
  const { server, tool } = await findServer(context, request, process.run);
  await server.prepare?.(context, tool, request);
  await server.fill?.(context, tool, await serverReplica(context, spec));
}

async function makeStore(context: EmbeddedContext, spec: ReplicaSpec): Promise<void> {
  const { workload, replica } = spec;
  const store = storeOf(context, spec);
  const linked = linkTarget(store);
  const wantsMemory = workload.stores.some(({ storage }) => storage === 'memory');
  const memory = linked ?? (wantsMemory ? memoryFolder(context, replica) : null);
  if (memory && linked === null && existsSync(store)) throw keptOnDisk(replica, store);
  await mkdir(memory ?? store, { recursive: true, mode: 0o700 });
  if (memory && linked === null) await symlink(memory, store).catch(ignoreExisting);
}

/** A store has one path, so data kept on disk would either be used or be in the way. */
function keptOnDisk({ service }: Replica, store: string): EnvctlError {
  return new EnvctlError('DATA_AT_RISK', `"${service}" has kept data on disk, but would now store it in memory`, {
    hint:
      `Reuse the data with \`--storage disk\`, delete it with \`envctl down\`, ` +
      `or use another instance (\`-i\`). The data is in ${store}.`,
    service,
  });
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
