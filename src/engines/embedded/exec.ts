import type { Target } from '../../model/engine.js';
import { EnvctlError } from '../../model/errors.js';
import type { ExecOptions, ExecResult } from '../../model/host.js';
import { runProcess } from '../../processes/run-process.js';
import { type EmbeddedContext, replicaFolder } from './context.js';
import { baseEnvironment } from './launch.js';
import { mark } from './process-table.js';
import { readCreated } from './records.js';

/** Runs a command in a service's working directory and environment. Throws INSTANCE_UNKNOWN where there is no such replica. */
export async function exec(
  world: EmbeddedContext,
  target: Target,
  argv: readonly string[],
  options: ExecOptions,
): Promise<ExecResult> {
  const folder = replicaFolder(world, target);
  const created = readCreated(folder);
  if (!created) throw unknown(target);
  return runProcess(argv, {
    ...options,
    cwd: options.cwd ?? created.cwd,
    env: { ...baseEnvironment(world), ...created.environment, ...options.env, [mark]: folder },
  });
}

const unknown = ({ instance, service, replica }: Target): EnvctlError =>
  new EnvctlError('INSTANCE_UNKNOWN', `there is no "${service}" (${replica}) in ${instance}`, {
    hint: '`envctl status` lists the services there are.',
    service,
  });
