/** Before anything is made: can it run here, with which programs, on which ports. */
import { existsSync } from 'node:fs';
import type { Addresses } from '../../model/connection.js';
import type { EngineContext, PrepareOptions } from '../../model/engine.js';
import type { Environment } from '../../model/environment.js';
import { EnvctlError } from '../../model/errors.js';
import type { Service } from '../../model/service.js';
import type { Preparation } from '../../model/workload.js';
import { type EmbeddedContext, instanceFolder, replicaFolder } from './context.js';
import { baseEnvironment } from './launch.js';
import { claimsOf, keyOf, loopback, requireFree, reserve } from './ports.js';
import { mark } from './process-table.js';
import { runStatusOf } from './records.js';
import { programAt } from './servers/programs.js';
import { findServer, serverNamed } from './servers/registry.js';
import { cannotRun, type ServerRequest } from './servers/server.js';

/** Throws ENGINE_CANNOT_RUN naming every service that cannot run, with what would mend each. Starts nothing. */
export async function check(world: EmbeddedContext, environment: Environment): Promise<void> {
  const errors = (
    await Promise.all(environment.services.map((service) => complaint(world, environment, service)))
  ).filter((error) => error !== null);
  const [first] = errors;
  if (!first) return;
  if (errors.length === 1) throw first;
  throw new EnvctlError(
    'ENGINE_CANNOT_RUN',
    `${errors.length} services cannot run without Docker here: ${errors.map(({ service }) => service).join(', ')}`,
    {
      hint: 'Do what stands under each of them, or use Docker: --engine compose.',
      detail: errors.map(({ message, hint }) => `${message}\n  ${hint}`).join('\n'),
    },
  );
}

async function complaint(
  world: EmbeddedContext,
  environment: Environment,
  service: Service,
): Promise<EnvctlError | null> {
  try {
    await requireForm(world, environment, service);
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

async function requireForm(world: EmbeddedContext, environment: Environment, service: Service): Promise<void> {
  const asker = askerOf(world, environment, service);
  const { process: spec } = service;
  if (!spec)
    throw cannotRun(
      asker,
      'it has no process form',
      'Give it a `process:` block beside its image or build, or use Docker: --engine compose.',
    );
  if (spec.kind === 'server') return void (await findServer(world, asker, spec.run));
  const [program = ''] = spec.argv;
  if (/^[\w.+-]+$/.test(program) && !programAt(world, program))
    throw cannotRun(asker, `no ${program} on PATH`, `Install ${program}, or use Docker: --engine compose.`);
  if (!spec.cwd.includes('$') && !existsSync(spec.cwd))
    throw cannotRun(asker, `its working directory ${spec.cwd} is missing`, 'Correct `cwd` in its `process:` block.');
}

const askerOf = (world: EmbeddedContext, environment: Environment, service: Service): ServerRequest => ({
  service: service.name,
  parameters: service.parameters,
  project: environment.project,
  env: { ...baseEnvironment(world), [mark]: instanceFolder(world, environment.id) },
});

/** Makes what stores are copied from and claims all ports. `local` only looks: a port that is not claimed yet is 0. */
export async function prepare(
  world: EmbeddedContext,
  environment: Environment,
  options: PrepareOptions & EngineContext,
): Promise<Preparation> {
  if (options.images === 'make') {
    for (const service of environment.services) await requireFixed(world, environment, service);
    await prepareServers(world, environment, options);
  }
  const claimed =
    options.images === 'make' ? await reserve(world, environment, extraPorts) : claimsOf(world, environment.id);
  const addresses = Object.fromEntries(
    environment.services.map((service) => [service.name, addressesOf(service, claimed)]),
  );
  return { images: {}, inside: addresses, outside: addresses };
}

async function prepareServers(
  world: EmbeddedContext,
  environment: Environment,
  { emit }: EngineContext,
): Promise<void> {
  const notices = await Promise.all(
    environment.services.map(async (service) => {
      if (service.process?.kind !== 'server') return null;
      const asker = askerOf(world, environment, service);
      const { server, tool } = await findServer(world, asker, service.process.run);
      await server.prepare?.(world, tool, asker);
      const runs = server.differs?.(tool, asker);
      return runs
        ? `"${service.name}" asks for ${service.template ?? service.name} ${asker.parameters.version}: ${runs} runs`
        : null;
    }),
  );
  for (const text of notices) if (text) emit({ type: 'notice', text });
}

function extraPorts(service: Service): readonly string[] {
  if (service.process?.kind !== 'server') return [];
  return serverNamed(service.name, service.process.run).extraPorts ?? [];
}

/** Ports that the profile fixes must be free, unless the service holds them itself. */
async function requireFixed(world: EmbeddedContext, { id }: Environment, { name, ports }: Service): Promise<void> {
  if (runStatusOf(replicaFolder(world, { instance: id, service: name, replica: 1 })).state === 'running') return;
  const fixed = Object.entries(ports).flatMap(([port, { fixed: number }]) =>
    number === null ? [] : [[port, number] as const],
  );
  await requireFree(name, Object.fromEntries(fixed));
}

function addressesOf({ name: service, ports }: Service, claimed: ReadonlyMap<string, number>): Addresses {
  return Object.fromEntries(
    Object.entries(ports).map(([name, { fixed }]) => [
      name,
      { host: loopback, port: fixed ?? claimed.get(keyOf({ service, replica: 1, name })) ?? 0 },
    ]),
  );
}
