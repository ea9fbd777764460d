import { dirname } from 'node:path';
import { EnvctlError } from '../../model/errors.js';
import { isMap, type TemplateMap, type TemplateTree } from '../../model/json.js';
import type { Service } from '../../model/service.js';
import type { Position } from '../../model/template-text.js';
import { displayText } from '../references/template-text.js';
import type { ResolveInput } from '../resolve-input.js';
import { readSeeds } from '../seeds/read.js';
import { connectionTemplate } from './connection.js';
import { readGate, time } from './gate.js';
import { readHealthcheck } from './healthcheck.js';
import { type Ports, readPorts } from './ports.js';
import { readProcess } from './process.js';
import { type Expanded, ownKeys } from './template.js';

/** A service without its dependencies, and its notices. */
export interface Draft extends Omit<Service, 'needs'> {
  readonly dependsOn: TemplateTree | undefined;
  readonly notices: readonly string[];
  /** Position of a key of the service. */
  readonly at: (...path: readonly (string | number)[]) => Position;
}

/** The default timeout of a gate, from the start of its service. */
const gateTimeoutMs = 120_000;

export interface ServiceContext {
  readonly input: ResolveInput;
  readonly services: readonly string[];
  /** Services that others await with `service_completed_successfully`. */
  readonly jobs: ReadonlySet<string>;
  /** Services of Compose files, which cannot say `once`. */
  readonly adopted: ReadonlySet<string>;
}

/** The typed form of an expanded service. Throws PROFILE_INVALID. */
export function readService(service: Expanded, { input, services, jobs, adopted }: ServiceContext): Draft {
  const ports = readPorts(service, { fixedPorts: input.fixedPorts });
  const health = readHealthcheck(service.compose.healthcheck);
  const once = readFlag(service, 'once') || jobs.has(service.name);
  const timeoutMs =
    service.own.timeout === undefined
      ? Math.max(gateTimeoutMs, health.budgetMs)
      : time(service.own.timeout, 'timeout', service.at('timeout'));
  const gate = readGate(service, {
    protocols: input.protocols,
    services,
    ports: ports.ports,
    healthcheck: health.probe,
    once,
    timeoutMs,
  });
  const draft: Draft = {
    name: service.name,
    kind: once ? 'job' : (service.template?.kind ?? 'app'),
    template: service.template?.name ?? null,
    speaks: service.template?.speaks ?? null,
    parameters: service.with,
    secrets: secretsOf(service),
    compose: composeBlock(service),
    process: readProcess(service),
    ports: ports.ports,
    data: service.adopted ? [] : (service.template?.data ?? []),
    gate,
    healthcheck: health.probe,
    seed: readSeeds(service, { protocols: input.protocols, services }),
    once: once ? 'yes' : adopted.has(service.name) && mayBeJob(service, ports) ? 'maybe' : 'no',
    keep: readFlag(service, 'keep'),
    scale: readScale(service),
    connection: connectionTemplate(service, gate.probes?.[0], ports.ports),
    position: service.at(),
    keyPositions: Object.fromEntries(Object.keys(service.compose).map((key) => [key, service.at(key)])),
    dependsOn: service.compose.depends_on,
    notices: noticesOf(service, ports),
    at: service.at,
  };
  checkForm(draft);
  checkScale(draft);
  return draft;
}

function readFlag({ own, at }: Expanded, key: 'once' | 'keep'): boolean {
  const value = own[key];
  if (value === undefined || typeof value === 'boolean') return value === true;
  throw new EnvctlError('PROFILE_INVALID', `"${key}" is "${displayText(value)}", and takes true or false`, {
    hint: 'Give the parameter it comes from type: boolean.',
    position: at(key),
  });
}

const secretsOf = (service: Expanded): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    Object.entries(service.template?.parameters ?? {})
      .filter(([, parameter]) => parameter.secret)
      .map(([name, parameter]) => [name, parameter.from.filter((source) => !source.endsWith('_FILE'))]),
  );

const consumed = ['depends_on', 'ports', 'scale', 'profiles'];

/** The remaining Compose keys; `scale` has the number of replicas. */
function composeBlock({ compose, at }: Expanded): TemplateMap {
  const { deploy, build, ...rest } = Object.fromEntries(
    Object.entries(compose).filter(([key, value]) => !consumed.includes(key) && value !== null),
  );
  return {
    ...rest,
    // Without a context it is the folder of the file that says `build`.
    ...(build === undefined ? {} : { build: isMap(build) ? { context: dirname(at('build').file), ...build } : build }),
    ...(isMap(deploy) ? withoutReplicas(deploy) : {}),
  };
}

function withoutReplicas({ replicas: _, ...deploy }: TemplateMap): TemplateMap {
  return Object.keys(deploy).length > 0 ? { deploy } : {};
}

/** Only a service that nothing is known of may turn out to be a job. */
function mayBeJob(service: Expanded, { ports }: Ports): boolean {
  const plain = Object.keys(service.own).every((key) => !ownKeys.includes(key));
  const { restart, healthcheck } = service.compose;
  return (
    plain &&
    !service.template &&
    (restart === undefined || restart === 'no') &&
    Object.keys(ports).length === 0 &&
    healthcheck === undefined
  );
}

/** `scale`, or else `deploy.replicas`; Compose takes digits in quotes too. */
function readScale({ compose, at }: Expanded): number {
  const replicas = isMap(compose.deploy) ? compose.deploy.replicas : undefined;
  const value = compose.scale ?? replicas ?? 1;
  if (/^\d+$/.test(displayText(value))) return Number(value);
  throw new EnvctlError('PROFILE_INVALID', `"${displayText(value)}" is not a number of replicas`, {
    hint: 'Write a whole number from 0.',
    position: compose.scale === undefined ? at('deploy', 'replicas') : at('scale'),
  });
}

function checkForm({ name, compose, process, at }: Draft): void {
  if ('image' in compose || 'build' in compose || process !== null) return;
  throw new EnvctlError('PROFILE_INVALID', `"${name}" has nothing that could run`, {
    hint: 'Give it an `image`, a `build`, a `template` or a `process`.',
    position: at(),
  });
}

function checkScale(service: Draft): void {
  if (service.scale <= 1) return;
  const fixed = Object.values(service.ports).some((port) => port.fixed !== null);
  if (!fixed && service.seed.steps.length === 0) return;
  throw new EnvctlError(
    'PROFILE_INVALID',
    `"${service.name}" runs ${service.scale} times, but has ${fixed ? 'a fixed host port' : 'seeds'}`,
    {
      hint: fixed ? 'Leave the host port to the engine: port: 8000.' : 'Seed a single service, or set scale: 1.',
      position: service.at('scale'),
    },
  );
}

function noticesOf({ name, compose }: Expanded, { freed, left }: Ports): readonly string[] {
  const { container_name: own } = compose;
  const renamed =
    typeof own === 'string'
      ? [`${name}: container_name "${own}" is made per instance; the old name stays as a network alias`]
      : [];
  return [
    ...renamed,
    ...freed.map((port) => `${name}: host port ${port} is left to the engine (--fixed-ports keeps it)`),
    ...left.map((port) => `${name}: port ${port} is not published; other services reach it`),
  ];
}
