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
import { readPorts, type ServicePorts } from './ports.js';
import { readProcess } from './process.js';
import { type Expanded, ownKeys } from './template.js';

/** A service without its dependencies, and the notices to show. */
export interface ServiceDraft extends Omit<Service, 'needs'> {
  readonly dependsOn: TemplateTree | undefined;
  readonly notices: readonly string[];
  /** Position of a key of the service. */
  readonly at: (...path: readonly (string | number)[]) => Position;
}

/** Default timeout of a gate, from the start of its service. */
const gateTimeoutMs = 120_000;

export interface ServiceContext {
  readonly input: ResolveInput;
  readonly services: readonly string[];
  /** Services on which others depend with `service_completed_successfully`. */
  readonly jobs: ReadonlySet<string>;
  /** Services of Compose files, which cannot declare `once`. */
  readonly adopted: ReadonlySet<string>;
}

/** Reads all keys of an expanded service. Throws PROFILE_INVALID. */
export function readService(service: Expanded, { input, services, jobs, adopted }: ServiceContext): ServiceDraft {
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
  const draft: ServiceDraft = {
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
  throw new EnvctlError('PROFILE_INVALID', `Invalid value for "${key}": "${displayText(value)}"`, {
    hint: 'Expected true or false. A parameter it comes from needs `type: boolean`.',
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

/** The Compose keys that envctl does not handle itself; the number of replicas is in `scale`. */
function composeBlock({ compose, at }: Expanded): TemplateMap {
  const { deploy, build, ...rest } = Object.fromEntries(
    Object.entries(compose).filter(([key, value]) => !consumed.includes(key) && value !== null),
  );
  return {
    ...rest,
    // The default context is the folder of the file that has `build`.
    ...(build === undefined ? {} : { build: isMap(build) ? { context: dirname(at('build').file), ...build } : build }),
    ...(isMap(deploy) ? withoutReplicas(deploy) : {}),
  };
}

function withoutReplicas({ replicas: _, ...deploy }: TemplateMap): TemplateMap {
  return Object.keys(deploy).length > 0 ? { deploy } : {};
}

/** Only a service without ports, healthcheck, template and restart policy can turn out to be a job. */
function mayBeJob(service: Expanded, { ports }: ServicePorts): boolean {
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

/** `scale`, else `deploy.replicas`, also as digits in quotes. */
function readScale({ compose, at }: Expanded): number {
  const replicas = isMap(compose.deploy) ? compose.deploy.replicas : undefined;
  const value = compose.scale ?? replicas ?? 1;
  if (/^\d+$/.test(displayText(value))) return Number(value);
  throw new EnvctlError('PROFILE_INVALID', `Invalid number of replicas: "${displayText(value)}"`, {
    hint: 'Expected a whole number, 0 or more.',
    position: compose.scale === undefined ? at('deploy', 'replicas') : at('scale'),
  });
}

function checkForm({ name, compose, process, at }: ServiceDraft): void {
  if ('image' in compose || 'build' in compose || process !== null) return;
  throw new EnvctlError('PROFILE_INVALID', `Service "${name}" has nothing to run`, {
    hint: 'Add an `image`, a `build`, a `template` or a `process`.',
    position: at(),
  });
}

function checkScale(service: ServiceDraft): void {
  if (service.scale <= 1) return;
  const fixed = Object.values(service.ports).some((port) => port.fixed !== null);
  if (!fixed && service.seed.steps.length === 0) return;
  throw new EnvctlError(
    'PROFILE_INVALID',
    `Service "${service.name}" has ${service.scale} replicas, but also ${fixed ? 'a fixed host port' : 'seeds'}`,
    {
      hint: fixed
        ? 'Let the engine choose the host port: `port: 8000`.'
        : 'Set `scale: 1`, or move the seeds to a service with one replica.',
      position: service.at('scale'),
    },
  );
}

function noticesOf({ name, compose }: Expanded, { freed, left }: ServicePorts): readonly string[] {
  const { container_name: own } = compose;
  const renamed =
    typeof own === 'string'
      ? [`${name}: container_name "${own}" is replaced by one per instance; the old name stays as a network alias`]
      : [];
  return [
    ...renamed,
    ...freed.map((port) => `${name}: host port ${port} is chosen by the engine (\`--fixed-ports\` keeps it)`),
    ...left.map((port) => `${name}: port ${port} is not published on this host; other services reach it`),
  ];
}
