import type { Target } from '../../model/engine.js';
import { EnvctlError } from '../../model/errors.js';
import type { ExecOptions, ExecResult } from '../../model/host.js';
import { runProcess } from '../../processes/run-process.js';
import type { EmbeddedContext } from './context.js';
import { baseVariables } from './processes/launch.js';
import { ownerVariable } from './processes/process-table.js';
import { replicaFolder } from './state/paths.js';
import { readCreated } from './state/records.js';

/** Runs a command with a service's working directory and variables. Throws INSTANCE_UNKNOWN for an unknown replica. */
export async function exec(
  context: EmbeddedContext,
  target: Target,
  argv: readonly string[],
  options: ExecOptions,
): Promise<ExecResult> {
  const folder = replicaFolder(context, target);
  const created = readCreated(folder);
  if (!created) throw unknownReplica(target);
  return runProcess(argv, {
    ...options,
    cwd: options.cwd ?? created.cwd,
    env: { ...baseVariables(context), ...created.env, ...options.env, [ownerVariable]: folder },
  });
}

const unknownReplica = ({ instance, service, replica }: Target): EnvctlError =>
  new EnvctlError('INSTANCE_UNKNOWN', `Replica ${replica} of "${service}" does not exist in "${instance}"`, {
    hint: 'Run `envctl status` to list the services and their replicas.',
    service,
  });
