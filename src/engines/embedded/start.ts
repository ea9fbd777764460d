import { EnvctlError } from '../../model/errors.js';
import type { Prepared } from '../../model/workload.js';
import { type EmbeddedContext, replicaFolder } from './context.js';
import { createReplica, fillStore } from './create.js';
import { launch } from './launch.js';
import { requireFree } from './ports.js';
import { type Created, readCreated, runStatusOf } from './records.js';
import { findServer } from './servers/registry.js';
import type { Launch } from './servers/server.js';
import { stopReplica } from './stop.js';
import { askerOf, placeOf, type Task, tasksOf } from './tasks.js';

/** Starts the replicas that do not run. Throws PORT_TAKEN, SERVICE_FAILED. */
export async function start(
  world: EmbeddedContext,
  prepared: Prepared,
  { service, signal }: { readonly service: string; readonly signal: AbortSignal },
): Promise<void> {
  await Promise.all(tasksOf(prepared, service).map((task) => startReplica(world, task, signal)));
}

async function startReplica(world: EmbeddedContext, task: Task, signal: AbortSignal): Promise<void> {
  const folder = replicaFolder(world, task.replica);
  const { state } = runStatusOf(folder);
  if (state === 'running') return;
  if (state === 'exited') await stopReplica(world, task.replica, { graceMs: 0, signal });
  if (!readCreated(folder)) await createReplica(world, task);
  const created = readCreated(folder);
  if (!created) throw new Error(`bug: ${folder} holds no record that was just written`);
  await requireFree(task.replica.service, created.ports);
  const how = await launchOf(world, task, created);
  try {
    await launch(world, {
      ...how,
      env: { ...how.env, ...created.environment },
      replica: task.replica,
      cwd: created.cwd,
    });
  } catch (error) {
    throw new EnvctlError(
      'SERVICE_FAILED',
      `"${task.replica.service}" could not be started: ${(error as Error).message}`,
      {
        hint: `Its working directory is ${created.cwd}.`,
        service: task.replica.service,
        cause: error,
      },
    );
  }
}

async function launchOf(world: EmbeddedContext, task: Task, created: Created): Promise<Launch> {
  const { workload } = task;
  if (!workload.process) throw new Error(`bug: ${workload.service} has no process form`);
  if (workload.process.kind === 'command') return { argv: workload.process.argv, env: {}, user: null };
  await fillStore(world, task);
  const { server, tool } = await findServer(world, askerOf(world, task), workload.process.run);
  const place = await placeOf(world, task);
  return server.launch(world, tool, { ...place, ports: { ...place.ports, ...created.ports } });
}
