import { existsSync } from 'node:fs';
import type { Environment } from '../../model/environment.js';
import { EnvctlError } from '../../model/errors.js';
import type { Service } from '../../model/service.js';
import { preloadRunner } from '../../processes/run-process.js';
import type { EmbeddedContext } from './context.js';
import { serverRequest } from './replica-spec.js';
import { programAt } from './servers/programs.js';
import { findServer } from './servers/registry.js';
import { cannotRun } from './servers/server.js';

/** Throws ENGINE_CANNOT_RUN with every service that cannot run and how to fix each. Starts no service. */
export async function check(context: EmbeddedContext, environment: Environment): Promise<void> {
  if (environment.services.some(({ process }) => process?.kind === 'server')) preloadRunner();
  const problems = await Promise.all(environment.services.map((service) => findProblem(context, environment, service)));
  const errors = problems.filter((error) => error !== null);
  const [first] = errors;
  if (!first) return;
  if (errors.length === 1) throw first;
  throw new EnvctlError(
    'ENGINE_CANNOT_RUN',
    `${errors.length} services cannot run without Docker here: ${errors.map(({ service }) => service).join(', ')}`,
    {
      hint: 'Follow the advice below each of them, or use Docker: `--engine compose`.',
      detail: errors.map(({ message, hint }) => `${message}\n  ${hint}`).join('\n'),
    },
  );
}

async function findProblem(
  context: EmbeddedContext,
  environment: Environment,
  service: Service,
): Promise<EnvctlError | null> {
  try {
    await requireRunnable(context, environment, service);
    return null;
  } catch (error) {
    if (!(error instanceof EnvctlError)) throw error;
    return new EnvctlError(error.code, error.message, {
      hint: error.hint,
      position: service.position,
      service: service.name,
    });
  }
}

async function requireRunnable(context: EmbeddedContext, environment: Environment, service: Service): Promise<void> {
  const { process } = service;
  const request = serverRequest(context, environment, { service: service.name, parameters: service.parameters });
  if (!process)
    throw cannotRun(
      request,
      'it has no process form',
      'Add a `process:` block to the service, or use Docker: `--engine compose`.',
    );
  if (process.kind === 'server') return void (await findServer(context, request, process.run));
  const [program = ''] = process.argv;
  if (typeof program === 'string' && /^[\w.+-]+$/.test(program) && !programAt(context, program))
    throw cannotRun(request, `no ${program} on PATH`, `Install ${program}, or use Docker: \`--engine compose\`.`);
  if (typeof process.cwd === 'string' && !existsSync(process.cwd))
    throw cannotRun(
      request,
      `its working directory ${process.cwd} is missing`,
      'Correct `cwd` in its `process:` block.',
    );
}
