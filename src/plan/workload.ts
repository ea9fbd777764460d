import { formatConnection, formatExports } from '../connections/recorded-texts.js';
import { milliseconds } from '../model/durations.js';
import { EnvctlError } from '../model/errors.js';
import { isMap, type Json, type JsonMap } from '../model/json.js';
import type { ServiceRecord } from '../model/observed.js';
import type { BoundService, ProcessSpec, Service } from '../model/service.js';
import type { TemplateString } from '../model/template-text.js';
import type { Preparation, Workload, WorkloadKind } from '../model/workload.js';
import { fillText, fillTree, type ReferenceLookup } from '../profile/references/template-text.js';
import { fingerprint } from './fingerprint.js';
import { type ReferenceContext, referenceLookup } from './resolve-references.js';

export interface WorkloadContext {
  readonly references: ReferenceContext;
  /** The same with every secret masked, for fingerprints. */
  readonly masked: ReferenceContext;
  readonly runs: readonly WorkloadKind[];
  readonly hashes: Readonly<Record<string, string>>;
  /** Masks secrets in a fingerprint's input. */
  readonly mask: (text: string) => string;
}

/** One service as an engine creates it, every value literal. Throws ENGINE_CANNOT_RUN, REFERENCE_DANGLING. */
export function workload(service: BoundService, context: WorkloadContext): Workload {
  const { environment, preparation } = context.references;
  const kind = kindOf(service, context.runs);
  const image = preparation.images[service.name] ?? null;
  const stores = service.data.map((path) => ({
    path,
    storage: service.keep ? ('disk' as const) : environment.storage,
  }));
  const form = { ...formOf(service, kind, context.references), ports: service.ports };
  const print = { ...formOf(service, kind, context.masked), ports: service.ports, stores };
  return {
    ...form,
    service: service.name,
    kind,
    fingerprint: fingerprint({
      service,
      environment,
      rendered: print,
      image,
      hashes: context.hashes,
      mask: context.mask,
    }),
    replicas: service.scale,
    image,
    parameters: service.parameters,
    publish: 'network_mode' in service.compose ? {} : publishedPorts(service, preparation),
    stores,
    stopTimeoutMs: milliseconds(form.compose.stop_grace_period) ?? defaultStopMs,
    record: recordOf(service, context.references),
  };
}

/** docs.docker.com/reference/compose-file/services/#stop_grace_period */
const defaultStopMs = 10_000;

function kindOf(service: Service, runs: readonly WorkloadKind[]): WorkloadKind {
  const forms: readonly WorkloadKind[] = [
    ...('image' in service.compose || 'build' in service.compose ? (['container'] as const) : []),
    ...(service.process ? (['process'] as const) : []),
  ];
  const kind = runs.find((one) => forms.includes(one));
  if (kind) return kind;
  throw new EnvctlError(
    'ENGINE_CANNOT_RUN',
    `Service "${service.name}" has no ${runs.join(' or ')} form, so this engine cannot run it`,
    {
      hint: runs.includes('container')
        ? 'Give it an `image`, a `build` or a template.'
        : 'Give it a `process`, or use `--engine compose`.',
      position: service.position,
      service: service.name,
    },
  );
}

/** The parts that an engine acts on, for one kind of workload. */
function formOf(
  service: Service,
  kind: WorkloadKind,
  rendering: ReferenceContext,
): Pick<Workload, 'compose' | 'process' | 'env'> {
  const lookup = referenceLookup(rendering, { service, side: 'inside' });
  if (kind === 'container')
    return { compose: textEnvironment(fillTree(service.compose, lookup)), process: null, env: {} };
  const { stop_grace_period: grace, environment = {} } = service.compose;
  return {
    compose: grace === undefined ? {} : { stop_grace_period: fillTree(grace, lookup) },
    process: service.process && literalProcess(service.process, lookup),
    env: processEnvironment(service, { rendering, own: fillTree(environment, lookup) }),
  };
}

const literalProcess = (process: ProcessSpec<TemplateString>, lookup: ReferenceLookup): ProcessSpec =>
  process.kind === 'command'
    ? {
        ...process,
        argv: process.argv.map((text) => fillText(text, lookup)),
        cwd: fillText(process.cwd, lookup),
      }
    : process;

/** Compose expects strings: `DEBUG: true` in a profile is the text "true". */
function textEnvironment(compose: JsonMap): JsonMap {
  return isMap(compose.environment) ? { ...compose, environment: texts(compose.environment) } : compose;
}

const texts = (map: JsonMap): Record<string, string> =>
  Object.fromEntries(Object.entries(map).map(([key, value]) => [key, String(value ?? '')]));

function processEnvironment(
  service: Service,
  { rendering, own }: { readonly rendering: ReferenceContext; readonly own: Json },
): Readonly<Record<string, string>> {
  const addresses = rendering.preparation.outside[service.name] ?? {};
  const { process } = service;
  const variables = process?.kind === 'command' ? Object.entries(process.portVariables) : [];
  return {
    ...(isMap(own) ? texts(own) : {}),
    ...Object.fromEntries(variables.map(([port, variable]) => [variable, String(addresses[port]?.port ?? '')])),
  };
}

function publishedPorts({ name, ports }: Service, { outside }: Preparation): Readonly<Record<string, number | null>> {
  const known = outside[name] ?? {};
  return Object.fromEntries(Object.entries(ports).map(([port, { fixed }]) => [port, known[port]?.port ?? fixed]));
}

/** The record that the engine keeps in labels. */
function recordOf(service: BoundService, { environment, preparation }: ReferenceContext): ServiceRecord {
  // An adopted service without a password has no secret to look up later.
  const secrets = Object.fromEntries(
    Object.entries(service.secrets).filter(([name]) => service.parameters[name] !== ''),
  );
  const reserved = Object.entries(preparation.outside[service.name] ?? {}).filter(
    ([name]) => service.ports[name]?.fixed === null,
  );
  return {
    kind: service.kind,
    speaks: service.speaks,
    probes: service.gate.probes,
    once: service.once === 'yes',
    keep: service.keep,
    parameters: Object.fromEntries(
      Object.entries(service.parameters).filter(([name]) => !Object.hasOwn(secrets, name)),
    ),
    secrets,
    ports: service.ports,
    connection: formatConnection(service.connection),
    exports: formatExports(environment.exports),
    storage: environment.storage,
    data: service.data,
    project: environment.project,
    profile: environment.profile,
    inside: preparation.inside[service.name] ?? {},
    reserved: Object.fromEntries(reserved.map(([name, address]) => [name, address.port])),
  };
}
