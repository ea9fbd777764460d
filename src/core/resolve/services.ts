import { milliseconds } from '../durations.js';
import type { ConnectionTexts, Json, JsonMap, Port, ProcessSpec, Service } from '../environment.js';
import { EnvctlError } from '../errors.js';
import { type Expanded, ownKeys } from './expand.js';
import { readGate } from './gates.js';
import { readHealthcheck } from './healthcheck.js';
import type { ResolveInput } from './input.js';
import { isMap, type Merged } from './merge.js';
import { readPorts } from './ports.js';
import { readSeeds } from './seeds.js';

/** A service but for its needs, and what is to be said of it. */
export interface Draft extends Omit<Service, 'needs'> {
  readonly dependsOn: Json | undefined;
  readonly notices: readonly string[];
}

/** docs.docker.com/reference/cli/docker/container/stop: Docker's own patience; ours for a gate where nothing else is said. */
const gateTimeoutMs = 120_000;

export interface ServiceContext {
  readonly merged: Merged;
  readonly input: ResolveInput;
  readonly services: readonly string[];
  /** Services that others await with `service_completed_successfully`. */
  readonly jobs: ReadonlySet<string>;
}

/** The typed form of an expanded service. Throws PROFILE_INVALID. */
export function readService(service: Expanded, context: ServiceContext): Draft {
  const { merged, input } = context;
  const position = merged.position(['services', service.name]);
  const { ports, freed } = readPorts(service, merged, { fixedPorts: input.fixedPorts });
  const health = readHealthcheck(service.compose.healthcheck);
  const once = service.own.once === true || context.jobs.has(service.name);
  const timeoutMs = milliseconds(service.own.timeout) ?? Math.max(gateTimeoutMs, health.budgetMs);
  const gate = readGate(service, { merged, protocols: input.protocols, ports, healthcheck: health.probe, once, timeoutMs });
  const draft: Draft = {
    name: service.name,
    kind: once ? 'job' : (service.template?.kind ?? 'app'),
    template: service.template?.name ?? null,
    speaks: service.template?.speaks ?? null,
    parameters: service.with,
    secrets: secretsOf(service),
    compose: composeBlock(service.compose),
    process: readProcess(service),
    ports,
    data: service.adopted ? [] : (service.template?.data ?? []),
    gate,
    healthcheck: health.probe,
    timeoutMs,
    seed: readSeeds(service, { merged, protocols: input.protocols, services: context.services }),
    once: once ? 'yes' : maybeJob(service, ports) ? 'maybe' : 'no',
    keep: service.own.keep === true,
    scale: readScale(service.compose),
    connection: connectionTexts(service, gate?.probes[0]?.kind === 'protocol' ? gate.probes[0].protocol : null, ports),
    position,
    dependsOn: service.compose.depends_on,
    notices: noticesOf(service, freed),
  };
  checkScale(draft);
  return draft;
}

const secretsOf = (service: Expanded): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    Object.entries(service.template?.parameters ?? {})
      .filter(([, parameter]) => parameter.secret)
      .map(([name, parameter]) => [name, parameter.from.filter((source) => !source.startsWith('-') && !source.endsWith('_FILE'))]),
  );

const consumed = ['depends_on', 'ports', 'scale', 'profiles'];

function composeBlock(compose: JsonMap): JsonMap {
  return Object.fromEntries(Object.entries(compose).filter(([key, value]) => !consumed.includes(key) && value !== null));
}

/** Only an adopted service that nothing is known of may turn out to be a job. */
function maybeJob(service: Expanded, ports: Readonly<Record<string, Port>>): boolean {
  const plain = Object.keys(service.own).every((key) => !(ownKeys as readonly string[]).includes(key));
  const restart = service.compose.restart;
  return plain && !service.template && (restart === undefined || restart === 'no') && Object.keys(ports).length === 0 && service.compose.healthcheck === undefined;
}

function readScale(compose: JsonMap): number {
  const deploy = isMap(compose.deploy) ? compose.deploy.replicas : undefined;
  const value = compose.scale ?? deploy ?? 1;
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : 1;
}

function checkScale(service: Draft): void {
  if (service.scale <= 1) return;
  const fixed = Object.values(service.ports).some((port) => port.fixed !== null);
  if (!fixed && service.seed.steps.length === 0) return;
  throw new EnvctlError('PROFILE_INVALID', `"${service.name}" runs ${service.scale} times, but has ${fixed ? 'a fixed host port' : 'seeds'}`, {
    hint: fixed ? 'Leave the host port to the engine: port: 8000.' : 'Seed a single service, or set scale: 1.',
    position: service.position,
  });
}

function readProcess(service: Expanded): ProcessSpec | null {
  const own = service.own.process;
  const process = isMap(own) ? own : service.adopted ? null : service.template?.process;
  if (!isMap(process)) return null;
  if (typeof process.run === 'string') return { kind: 'server', run: process.run };
  if (!Array.isArray(process.command)) return null;
  const port = typeof process.port === 'string' && process.port !== 'auto' ? { main: process.port } : {};
  const variables = isMap(process.ports) ? Object.fromEntries(Object.entries(process.ports).map(([name, variable]) => [name, String(variable)])) : port;
  return { kind: 'command', argv: process.command.map(String), portVariables: variables, cwd: String(process.cwd ?? '.') };
}

/** Without a template the URL is that of what the gate asks: `tcp://` for a bare port, `http://` otherwise. */
function connectionTexts(service: Expanded, asked: string | null, ports: Readonly<Record<string, Port>>): ConnectionTexts {
  if (service.template) return service.template.connection;
  const scheme = asked === 'tcp' ? 'tcp' : 'http';
  return { url: 'main' in ports ? `${scheme}://\${at.host}:\${at.port}` : null, env: {}, ports: {} };
}

function noticesOf(service: Expanded, freed: readonly number[]): readonly string[] {
  const name = service.compose.container_name;
  const renamed = typeof name === 'string' ? [`${service.name}: container_name "${name}" is made per instance; the old name stays as a network alias`] : [];
  return [...renamed, ...freed.map((port) => `${service.name}: host port ${port} is left to the engine (--fixed-ports keeps it)`)];
}
