/**
 * What remains to be decided once images and addresses are known: gates that only an image could tell,
 * literal values, fingerprints. Pure: the hashes of mounted files come in.
 */
import { parameterTexts, view } from '../connections/view.js';
import type { Addresses, Connection, View } from '../model/connection.js';
import type { ImageMetadata, Preparation, Prepared, WorkloadKind } from '../model/engine.js';
import type { Environment, Gate, Probe, Service } from '../model/profile.js';
import { secretHider } from './fingerprint.js';
import { type ReferenceContext, resolveReferences } from './resolve-references.js';
import { workload } from './workload.js';

export interface BindInput {
  readonly environment: Environment;
  readonly preparation: Preparation;
  readonly runs: readonly WorkloadKind[];
  /** Content hashes of the files `mountedFiles` names. */
  readonly hashes: Readonly<Record<string, string>>;
  /** Values that must not show in a fingerprint. */
  readonly secrets: readonly string[];
}

/** Throws REFERENCE_DANGLING where a fact exists only on a side that is not known yet, ENGINE_CANNOT_RUN for a service without a form. */
export function bindEnvironment({ environment, preparation, runs, hashes, secrets }: BindInput): Prepared {
  const known: ReferenceContext = {
    environment,
    preparation,
    connections: plannedConnections(environment, preparation, (service) => parameterTexts(service.parameters)),
  };
  const hidden: ReferenceContext = { ...known, connections: plannedConnections(environment, preparation, hiddenFacts) };
  const hide = secretHider(secrets);
  const services = environment.services.map((service) =>
    settled(service, { known, image: preparation.images[service.name] }),
  );
  return {
    environment: { ...environment, services },
    preparation,
    workloads: services.map((service) => workload(service, { known, hidden, runs, hashes, hide })),
    compose: resolveReferences(environment.compose, known, { service: null, side: 'inside' }),
  };
}

function settled(
  service: Service,
  { known, image }: { known: ReferenceContext; image: ImageMetadata | undefined },
): Service & { readonly gate: Gate } {
  const said = service.healthcheck === null ? (image?.healthcheck ?? null) : null;
  const gate = service.gate
    ? { ...service.gate, probes: service.gate.probes.map((probe) => literalProbe(probe, service, known)) }
    : imageGate(service, said);
  return { ...service, gate, once: service.once === 'maybe' && said !== null ? 'no' : service.once };
}

/** Commands in the service see the inside; everything else is asked from this host. */
function literalProbe(probe: Probe, service: Service, known: ReferenceContext): Probe {
  return resolveReferences(probe, known, {
    service,
    side: probe.kind === 'exec' || probe.kind === 'healthcheck' ? 'inside' : 'outside',
  });
}

/** What a gate takes without a word of the profile's. */
const usualTimeoutMs = 120_000;

/** Where nothing better is known, the image's own healthcheck is asked; then a bare port; then just running. */
function imageGate(service: Service, said: ImageMetadata['healthcheck']): Gate {
  const check: readonly Probe[] = said ? [{ kind: 'healthcheck', test: said.test, timeoutMs: said.timeoutMs }] : [];
  const fallback: readonly Probe[] =
    'main' in service.ports
      ? [{ kind: 'protocol', protocol: 'tcp', port: 'main', options: {} }]
      : [{ kind: 'running' }];
  const timeoutMs =
    service.timeoutMs === usualTimeoutMs ? Math.max(usualTimeoutMs, said?.budgetMs ?? 0) : service.timeoutMs;
  return { probes: check.length > 0 ? check : fallback, timeoutMs, intervalMs: null, stableMs: 0 };
}

type Facts = (service: Service) => Connection['parameters'];

const hiddenFacts: Facts = ({ parameters, secrets }) =>
  parameterTexts(
    Object.fromEntries(
      Object.entries(parameters).map(([name, value]) => [name, Object.hasOwn(secrets, name) ? '•' : value]),
    ),
  );

function plannedConnections(
  environment: Environment,
  preparation: Preparation,
  parametersOf: Facts,
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
  const known = outside[name];
  const [first] = Object.values(known ?? {});
  const seen = known && first ? side(known, first.host) : null;
  // A service left out of this run would be found under its name.
  const usual = Object.fromEntries(
    Object.entries(ports).map(([port, { inside: number }]) => [port, { host: name, port: number }]),
  );
  return { service: name, kind, inside: side(inside[name] ?? usual, name), outside: seen, urls: [], parameters };
}
