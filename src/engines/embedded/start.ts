import { EnvctlError } from '../../model/errors.js';
import type { Prepared } from '../../model/workload.js';
import type { EmbeddedContext } from './context.js';
import { createReplica, fillStore } from './create.js';
import { launch } from './processes/launch.js';
import { type ReplicaSpec, replicaSpecs, requestOf, serverReplica } from './replica-spec.js';
import { findServer } from './servers/registry.js';
import type { LaunchCommand } from './servers/server.js';
import { replicaFolder } from './state/paths.js';
import { requireFree } from './state/ports.js';
import { type CreatedRecord, readCreated, runStatusOf } from './state/records.js';
import { stopReplica } from './stop.js';

/** Starts the replicas of a service that do not run. Throws PORT_TAKEN, SERVICE_FAILED. */
export async function start(
  context: EmbeddedContext,
  prepared: Prepared,
  { service, signal }: { readonly service: string; readonly signal: AbortSignal },
): Promise<void> {
  await Promise.all(replicaSpecs(prepared, service).map((spec) => startReplica(context, spec, signal)));
}

async function startReplica(context: EmbeddedContext, spec: ReplicaSpec, signal: AbortSignal): Promise<void> {
  const { replica } = spec;
  const folder = replicaFolder(context, replica);
  const { state } = runStatusOf(folder);
  if (state === 'running') return;
  // Ends processes that an earlier run left behind.
  if (state === 'exited') await stopReplica(context, replica, { graceMs: 0, signal });
  if (!readCreated(folder)) await createReplica(context, spec);
  const created = readCreated(folder);
  if (!created) throw new Error(`bug: ${folder} has no record although it was just written`);
  await requireFree(replica.service, created.ports);
  const command = await launchCommand(context, spec, created);
  try {
    await launch(context, { ...command, env: { ...command.env, ...created.env }, replica, cwd: created.cwd });
  } catch (error) {
    throw new EnvctlError(
      'SERVICE_FAILED',
      `Service "${replica.service}" cannot be started: ${(error as Error).message}`,
      { hint: `Check that its working directory exists: ${created.cwd}.`, service: replica.service, cause: error },
    );
  }
}

async function launchCommand(
  context: EmbeddedContext,
  spec: ReplicaSpec,
  created: CreatedRecord,
): Promise<LaunchCommand> {
  const { process, service } = spec.workload;
  if (!process) throw new Error(`bug: ${service} has no process form`);
  if (process.kind === 'command') return { argv: process.argv, env: {}, user: null };
  await fillStore(context, spec);
  const { server, tool } = await findServer(context, requestOf(context, spec), process.run);
  const replica = await serverReplica(context, spec);
  return server.launch(context, tool, { ...replica, ports: { ...replica.ports, ...created.ports } });
}
