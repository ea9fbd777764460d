/**
 * Binds a resolved environment to what the engine found: definite gates, literal values, fingerprints.
 * Pure: the hashes of mounted files are passed in.
 */
import { parameterTexts, view } from '../connections/view.js';
import type { Addresses, Connection, View } from '../model/connection.js';
import type { Environment } from '../model/environment.js';
import type { BoundService, Gate, Probe, Service, UndeclaredGate } from '../model/service.js';
import type { ImageMetadata, Preparation, Prepared, WorkloadKind } from '../model/workload.js';
import { fillTree } from '../profile/references/template-text.js';
import { secretMask } from './fingerprint.js';
import { bindProbe, type ReferenceContext, referenceLookup } from './resolve-references.js';
import { workload } from './workload.js';

export interface BindInput {
  readonly environment: Environment;
  readonly preparation: Preparation;
  readonly runs: readonly WorkloadKind[];
  /** Content hashes of the files that `mountedFiles` lists. */
  readonly hashes: Readonly<Record<string, string>>;
  /** Values that must not be readable from a fingerprint. */
  readonly secrets: readonly string[];
}

/**
 * Throws REFERENCE_DANGLING for a reference to an address that is not known before start,
 * ENGINE_CANNOT_RUN for a service that has no form the engine runs.
 */
export function bindEnvironment({ environment, preparation, runs, hashes, secrets }: BindInput): Prepared {
  const references: ReferenceContext = {
    environment,
    preparation,
    connections: plannedConnections(environment, preparation, (service) => parameterTexts(service.parameters)),
  };
  const masked: ReferenceContext = {
    ...references,
    connections: plannedConnections(environment, preparation, maskedParameters),
  };
  const mask = secretMask(secrets);
  const services = environment.services.map((service) => bindService(service, references));
  return {
    environment: { ...environment, services },
    workloads: services.map((service) => workload(service, { references, masked, runs, hashes, mask })),
    compose: fillTree(environment.compose, referenceLookup(references, { service: null, side: 'inside' })),
  };
}

function bindService(service: Service, references: ReferenceContext): BoundService {
  const image = references.preparation.images[service.name];
  // A healthcheck in a file replaces the image's, and can switch it off.
  const healthcheck = service.healthcheck === null ? (image?.healthcheck ?? null) : null;
  const gate =
    service.gate.probes === null
      ? impliedGate(service, service.gate, healthcheck)
      : { ...service.gate, probes: service.gate.probes.map((probe) => bindProbe(probe, references, service)) };
  return { ...service, gate, once: service.once === 'maybe' && healthcheck !== null ? 'no' : service.once };
}

/** Asks the image's healthcheck; without one a port; without a port only whether the service runs. */
function impliedGate(
  service: Service,
  { timeoutMs, timeoutWritten }: UndeclaredGate,
  healthcheck: ImageMetadata['healthcheck'],
): Gate {
  const plain = { timeoutMs, intervalMs: null, stableMs: 0 };
  if (healthcheck !== null) {
    const { test, timeoutMs: attemptMs, budgetMs } = healthcheck;
    return {
      ...plain,
      probes: [{ kind: 'healthcheck', test, timeoutMs: attemptMs }],
      timeoutMs: timeoutWritten ? timeoutMs : Math.max(timeoutMs, budgetMs),
    };
  }
  const probe: Probe =
    'main' in service.ports ? { kind: 'protocol', protocol: 'tcp', port: 'main', options: {} } : { kind: 'running' };
  return { ...plain, probes: [probe] };
}

type ParametersOf = (service: Service) => Connection['parameters'];

const maskedParameters: ParametersOf = ({ parameters, secrets }) =>
  parameterTexts(
    Object.fromEntries(
      Object.entries(parameters).map(([name, value]) => [name, Object.hasOwn(secrets, name) ? '•' : value]),
    ),
  );

function plannedConnections(
  environment: Environment,
  preparation: Preparation,
  parametersOf: ParametersOf,
): ReadonlyMap<string, Connection> {
  return new Map(
    [...environment.services, ...environment.absent].map((service) => [
      service.name,
      plannedConnection(service, preparation, parametersOf(service)),
    ]),
  );
}

function plannedConnection(
  { name, kind, ports, connection }: Service,
  { inside, outside }: Preparation,
  parameters: Connection['parameters'],
): Connection {
  const side = (addresses: Addresses, host: string): View => view({ connection, parameters }, addresses, host);
  const fixed = outside[name];
  const [first] = Object.values(fixed ?? {});
  // A service left out of this run would be reachable under its name.
  const byName = Object.fromEntries(
    Object.entries(ports).map(([port, { inside: number }]) => [port, { host: name, port: number }]),
  );
  return {
    service: name,
    kind,
    inside: side(inside[name] ?? byName, name),
    outside: fixed && first ? side(fixed, first.host) : null,
    urls: [],
    parameters,
  };
}
