/**
 * What remains to be decided once images and addresses are known: gates that only an image could tell,
 * literal values, fingerprints. Pure: the hashes of mounted files come in.
 */
import { createHash } from 'node:crypto';
import { fact, factsOf, view } from './connect.js';
import type { ImageFacts, Preparation, Prepared, ServiceRecord, Workload, WorkloadKind } from './contracts.js';
import type { Addresses, Connection, Environment, Gate, Json, JsonMap, Probe, ProcessSpec, Service, View } from './environment.js';
import { EnvctlError } from './errors.js';
import { type Grammar, type Reference, renderText, reservedOwners } from './references.js';
import { isMap } from './resolve/merge.js';

export interface SettleInput {
  readonly environment: Environment;
  readonly preparation: Preparation;
  readonly runs: readonly WorkloadKind[];
  /** Content hashes of the files `mountedFiles` names. */
  readonly hashes: Readonly<Record<string, string>>;
  /** Values that must not show in a fingerprint. */
  readonly secrets: readonly string[];
}

/** Throws REFERENCE_DANGLING where a fact exists only on a side that is not known yet. */
export function settle(input: SettleInput): Prepared {
  const services = input.environment.services.map((service) => ({ ...service, gate: settledGate(service, input.preparation.images[service.name]) }));
  const environment = { ...input.environment, services };
  const connections = new Map([...services, ...environment.absent].map((service) => [service.name, plannedConnection(service, input.preparation)]));
  const context: Context = { ...input, environment, connections };
  return {
    environment,
    preparation: input.preparation,
    workloads: services.map((service) => workload(service, context)),
    compose: literal(environment.compose, context, null) as JsonMap,
  };
}

/** Single files whose content decides whether a service changed: bind-mounted files, configs, secrets. */
export function mountedFiles(environment: Environment): readonly string[] {
  const mounts = environment.services.flatMap(({ compose }) => (Array.isArray(compose.volumes) ? (compose.volumes as readonly Json[]) : []));
  const sources = mounts.flatMap((mount) => (isMap(mount) && mount.type === 'bind' && typeof mount.source === 'string' ? [mount.source] : []));
  const entries = [environment.compose.configs, environment.compose.secrets].flatMap((map) => (isMap(map) ? Object.values(map) : []));
  const files = entries.flatMap((entry) => (isMap(entry) && typeof entry.file === 'string' ? [entry.file] : []));
  const envFiles = environment.services.flatMap(({ compose }) => (Array.isArray(compose.env_file) ? compose.env_file : [])).flatMap((entry: Json) => (isMap(entry) && typeof entry.path === 'string' ? [entry.path] : []));
  return [...new Set([...sources, ...files, ...envFiles])];
}

/** Ports whose outside address some configuration names, so that they must be known before anything is rendered. */
export function portsToReserve(environment: Environment): readonly { readonly service: string; readonly port: string }[] {
  const owners = [...environment.services.map((service) => service.name), ...reservedOwners];
  const found = new Map<string, { service: string; port: string }>();
  for (const service of environment.services) {
    collect(service.compose, { owners, at: service.position }, (reference) => {
      if (reference.path[0] !== 'outside') return;
      const owner = environment.services.find((one) => one.name === reference.owner);
      const port = (reference.path[1] ?? '') in (owner?.ports ?? {}) ? (reference.path[1] ?? 'main') : 'main';
      if (owner && port in owner.ports) found.set(`${owner.name}.${port}`, { service: owner.name, port });
    });
  }
  return [...found.values()];
}

function collect(value: Json, grammar: Grammar, visit: (reference: Reference) => void): void {
  mapStrings(value, (text) => {
    if (!text.includes('$')) return text;
    return renderText(text, grammar, (reference) => {
      visit(reference);
      return '';
    });
  });
}

function mapStrings(value: Json, change: (text: string) => string): Json {
  if (typeof value === 'string') return change(value);
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((child: Json) => mapStrings(child, change));
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, mapStrings(child as Json, change)]));
}

/** Where nothing better is known, the image's own healthcheck is asked; then a bare port; then just running. */
function settledGate(service: Service, image: ImageFacts | undefined): Gate {
  if (service.gate) return service.gate;
  const said = service.healthcheck === null ? (image?.healthcheck ?? null) : null;
  const check: readonly Probe[] = said ? [{ kind: 'healthcheck', test: said.test, timeoutMs: said.timeoutMs }] : [];
  const timeoutMs = Math.max(service.timeoutMs, said?.budgetMs ?? 0);
  const fallback: readonly Probe[] = 'main' in service.ports ? [{ kind: 'protocol', protocol: 'tcp', port: 'main', options: {} }] : [{ kind: 'running' }];
  return { probes: check.length > 0 ? check : fallback, timeoutMs, intervalMs: null, stableMs: 0 };
}

function plannedConnection(service: Service, { inside, outside }: Preparation): Connection {
  const known = outside[service.name];
  const seen = known && 'main' in known ? view(service, known, known.main?.host ?? '') : null;
  return {
    service: service.name,
    kind: service.kind,
    inside: view(service, inside[service.name] ?? defaultInside(service), service.name),
    outside: seen ?? partialView(service, known),
    urls: seen?.url ? [seen.url] : [],
    facts: factsOf(service.parameters),
  };
}

/** A service left out of this run would be found under its name. */
const defaultInside = (service: Service): Addresses =>
  Object.fromEntries(Object.entries(service.ports).map(([name, port]) => [name, { host: service.name, port: port.inside }]));

/** Only a port other than `main` is fixed. */
const partialView = (service: Service, known: Addresses | undefined): View | null =>
  known && Object.keys(known).length > 0 ? view(service, known, Object.values(known)[0]?.host ?? '') : null;

interface Context extends SettleInput {
  readonly connections: ReadonlyMap<string, Connection>;
}

function workload(service: Service & { gate: Gate }, context: Context): Workload {
  const kind = kindOf(service, context.runs);
  const image = context.preparation.images[service.name] ?? null;
  const compose = kind === 'container' ? (textEnvironment(literal(service.compose, context, service) as JsonMap) as JsonMap) : {};
  const process = kind === 'process' && service.process ? (literal(service.process as unknown as Json, context, service) as unknown as ProcessSpec) : null;
  const environment = kind === 'process' ? processEnvironment(service, context) : {};
  const publish = 'network_mode' in service.compose ? {} : publishedPorts(service, context);
  const stores = service.data.map((path) => ({ path, storage: service.keep ? ('disk' as const) : context.environment.storage }));
  const record = recordOf(service, context);
  return {
    service: service.name,
    kind,
    fingerprint: fingerprint({ compose, process, environment, ports: service.ports, stores, parameters: service.parameters }, image, { service, context }),
    replicas: service.scale,
    compose,
    image,
    process,
    environment,
    parameters: service.parameters,
    ports: service.ports,
    publish,
    stores,
    stopTimeoutMs: 10_000,
    record,
  };
}

function kindOf(service: Service, runs: readonly WorkloadKind[]): WorkloadKind {
  const forms: readonly WorkloadKind[] = [...('image' in service.compose || 'build' in service.compose ? (['container'] as const) : []), ...(service.process ? (['process'] as const) : [])];
  const kind = runs.find((one) => forms.includes(one));
  if (kind) return kind;
  throw new EnvctlError('ENGINE_CANNOT_RUN', `"${service.name}" has no form that this engine can run (${runs.join(', ')})`, {
    hint: runs.includes('container') ? 'Give it an `image`, a `build` or a template.' : 'Give it a `process`, or use --engine compose.',
    position: service.position,
    service: service.name,
  });
}

/** Compose wants strings: `DEBUG: true` in a profile is the text "true". */
function textEnvironment(compose: JsonMap): JsonMap {
  if (!isMap(compose.environment)) return compose;
  return { ...compose, environment: Object.fromEntries(Object.entries(compose.environment).map(([key, value]) => [key, value === null ? '' : String(value)])) };
}

function processEnvironment(service: Service, context: Context): Readonly<Record<string, string>> {
  const environment = literal(service.compose.environment ?? {}, context, service);
  const own = isMap(environment) ? Object.entries(environment).map(([key, value]) => [key, String(value ?? '')] as const) : [];
  const at = context.preparation.outside[service.name] ?? {};
  const variables = service.process?.kind === 'command' ? Object.entries(service.process.portVariables) : [];
  return { ...Object.fromEntries(own), ...Object.fromEntries(variables.map(([port, variable]) => [variable, String(at[port]?.port ?? '')])) };
}

function publishedPorts(service: Service, { preparation }: Context): Readonly<Record<string, number | null>> {
  const fixed = preparation.outside[service.name] ?? {};
  return Object.fromEntries(Object.entries(service.ports).map(([name, port]) => [name, fixed[name]?.port ?? port.fixed]));
}

/** Every reference filled in as seen from inside. */
function literal(value: Json, context: Context, service: Service | null): Json {
  const at = service?.position ?? { file: '', line: 1, column: 1 };
  const grammar: Grammar = { owners: [...context.environment.declared, ...reservedOwners], at };
  return mapStrings(value, (text) => renderText(text, grammar, (reference) => factFor(reference, context, service)));
}

function factFor(reference: Reference, context: Context, service: Service | null): string {
  if (reference.owner === 'at') {
    const own = context.preparation.outside[service?.name ?? ''] ?? context.preparation.inside[service?.name ?? ''] ?? {};
    return String((reference.path[0] === 'port' ? own.main?.port : own.main?.host) ?? '');
  }
  const connection = context.connections.get(reference.owner);
  const value = connection && fact(connection, reference.path, 'inside');
  if (value !== undefined) return value;
  throw new EnvctlError('REFERENCE_DANGLING', `"\${${[reference.owner, ...reference.path].join('.')}}" is not known before "${reference.owner}" runs`, {
    hint: 'Use the inside address, or fix the port: port: 8000:8000.',
    ...(service ? { position: service.position } : {}),
  });
}

function recordOf(service: Service, { environment, preparation }: Context): ServiceRecord {
  const secret = Object.keys(service.secrets);
  const reserved = Object.entries(preparation.outside[service.name] ?? {}).filter(([name]) => service.ports[name]?.fixed === null);
  return {
    kind: service.kind,
    speaks: service.speaks,
    once: service.once === 'yes',
    keep: service.keep,
    parameters: Object.fromEntries(Object.entries(service.parameters).filter(([name]) => !secret.includes(name))),
    secrets: service.secrets,
    ports: service.ports,
    connection: service.connection,
    exports: environment.exports,
    storage: environment.storage,
    project: environment.project,
    profile: environment.profile,
    inside: preparation.inside[service.name] ?? {},
    reserved: Object.fromEntries(reserved.map(([name, address]) => [name, address.port])),
  };
}

/**
 * Three short hashes, so that a change can be named: configuration, image, mounted files.
 * Secrets, engine-assigned ports and scale are left out.
 */
function fingerprint(rendered: object, image: ImageFacts | null, { service, context }: { service: Service; context: Context }): string {
  const secrets = context.secrets.filter((secret) => secret.length >= 8);
  const masked = secrets.reduce((text, secret) => text.replaceAll(secret, '•'), JSON.stringify(rendered));
  const files = mountedFiles({ ...context.environment, services: [service] }).map((path) => context.hashes[path] ?? '');
  return [masked, image?.id ?? '', JSON.stringify(files)].map((text) => createHash('sha256').update(text).digest('hex').slice(0, 12)).join('-');
}

