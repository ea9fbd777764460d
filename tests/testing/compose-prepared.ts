/** Environments and Prepared objects made by hand. Nothing here needs an engine to be imported. */
import { createHash, randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { type ComposeEngineOptions, composeEngine } from '../../src/engines/compose/engine.js';
import type { EngineContext } from '../../src/model/engine.js';
import type { Environment, Storage } from '../../src/model/environment.js';
import type { EnvEvent } from '../../src/model/events.js';
import type { JsonMap } from '../../src/model/json.js';
import type { ServiceRecord } from '../../src/model/observed.js';
import type { Gate, Port, Service } from '../../src/model/service.js';
import type { ImageMetadata, Prepared, Workload } from '../../src/model/workload.js';

export const base = 'debian:bookworm-slim';

export interface ServiceSketch {
  readonly compose?: JsonMap;
  readonly ports?: Readonly<Record<string, number | Port>>;
  readonly scale?: number;
  readonly keep?: boolean;
  readonly data?: readonly string[];
  readonly storage?: Storage;
}
export type Sketch = Readonly<Record<string, ServiceSketch>>;

export interface EnvironmentSketch {
  readonly id?: string;
  readonly services: Sketch;
  readonly compose?: JsonMap;
  readonly project?: string;
}

/** An id of its own for each test, so that what it leaves can be found and removed. */
export const freshId = (): string => `test-${randomBytes(4).toString('hex')}-${randomBytes(3).toString('hex')}`;

export function environmentOf(sketch: EnvironmentSketch): Environment {
  const project = sketch.project ?? tmpdir();
  const services = Object.entries(sketch.services).map(([name, service]) => serviceOf(name, service));
  return {
    id: sketch.id ?? freshId(),
    profile: 'test',
    project,
    summary: '',
    storage: 'disk',
    services,
    absent: [],
    declared: services.map(({ name }) => name),
    exports: {},
    compose: sketch.compose ?? {},
    notices: [],
  };
}

function serviceOf(name: string, sketch: ServiceSketch): Service {
  return {
    name,
    kind: 'app',
    template: null,
    speaks: null,
    parameters: {},
    secrets: {},
    compose: {
      ...(sketch.compose?.build === undefined ? { image: base } : {}),
      command: ['sleep', '300'],
      init: true,
      ...sketch.compose,
    },
    process: null,
    ports: portsOf(sketch),
    data: sketch.data ?? [],
    gate: { probes: null, timeoutMs: 10_000, timeoutWritten: false },
    healthcheck: null,
    seed: { after: [], steps: [] },
    once: 'no',
    keep: sketch.keep ?? false,
    scale: sketch.scale ?? 1,
    needs: [],
    connection: { url: null, env: {}, ports: {} },
    position: { file: '/profile.yaml', line: 7, column: 3 },
    keyPositions: {},
  };
}

function portsOf({ ports }: ServiceSketch): Readonly<Record<string, Port>> {
  return Object.fromEntries(
    Object.entries(ports ?? {}).map(([name, port]) => [
      name,
      typeof port === 'number' ? { inside: port, fixed: null } : port,
    ]),
  );
}

/** As `core/settle` would, without references: every port published, every `data` path a store. */
export function preparedOf(
  environment: Environment,
  sketch: Sketch,
  images: Readonly<Record<string, ImageMetadata>> = {},
): Prepared {
  const workloads = environment.services.map(
    (service): Workload =>
      workloadOf(service, {
        environment,
        storage: sketch[service.name]?.storage ?? 'disk',
        image: images[service.name] ?? factsOf(String(service.compose.image ?? base)),
      }),
  );
  const services = environment.services.map((service) => ({ ...service, gate: ungated }));
  return { environment: { ...environment, services }, workloads, compose: environment.compose };
}

const ungated: Gate = { probes: [{ kind: 'running' }], timeoutMs: 10_000, intervalMs: null, stableMs: 0 };

function workloadOf(
  service: Service,
  {
    environment,
    storage,
    image,
  }: { readonly environment: Environment; readonly storage: Storage; readonly image: ImageMetadata },
): Workload {
  const { network_mode: shared } = service.compose;
  return {
    service: service.name,
    kind: 'container',
    fingerprint: createHash('sha256').update(JSON.stringify(service.compose)).digest('hex').slice(0, 12),
    replicas: service.scale,
    compose: service.compose,
    image,
    process: null,
    env: {},
    parameters: {},
    ports: service.ports,
    publish:
      shared === undefined
        ? Object.fromEntries(Object.entries(service.ports).map(([name, { fixed }]) => [name, fixed]))
        : {},
    stores: service.data.map((path) => ({ path, storage })),
    stopTimeoutMs: 10_000,
    record: recordOf(service, environment, storage),
  };
}

function recordOf(service: Service, environment: Environment, storage: Storage): ServiceRecord {
  return {
    kind: service.kind,
    speaks: null,
    probes: [],
    once: false,
    keep: service.keep,
    parameters: {},
    secrets: {},
    ports: service.ports,
    connection: service.connection,
    exports: {},
    storage,
    data: service.data,
    project: environment.project,
    profile: environment.profile,
    inside: {},
    reserved: {},
  };
}

export function factsOf(reference: string, more: Partial<ImageMetadata> = {}): ImageMetadata {
  return { id: '', reference, healthcheck: null, volumes: [], ...more };
}

export function engineOf(options: Partial<ComposeEngineOptions> = {}): ReturnType<typeof composeEngine> {
  return composeEngine({
    env: process.env,
    substitution: async () => (image) => image,
    ...options,
  });
}

export function contextOf(): EngineContext & { readonly events: EnvEvent[] } {
  const events: EnvEvent[] = [];
  return { signal: AbortSignal.timeout(60_000), emit: (event) => void events.push(event), events };
}

/** Creates and starts everything of a sketch. */
export async function bringUp(engine: ReturnType<typeof composeEngine>, sketch: EnvironmentSketch): Promise<Prepared> {
  const context = contextOf();
  const environment = environmentOf(sketch);
  const preparation = await engine.prepare(
    environment,
    { observed: [], reserve: [], images: 'make', pull: false },
    context,
  );
  const prepared = preparedOf(environment, sketch.services, preparation.images);
  const names = environment.services.map(({ name }) => name);
  await engine.create(prepared, names, context);
  const guests = environment.services
    .filter(({ compose }) => String(compose.network_mode).startsWith('service:'))
    .map(({ name }) => name);
  await Promise.all(
    names.filter((name) => !guests.includes(name)).map((name) => engine.start(prepared, name, context)),
  );
  await Promise.all(guests.map((name) => engine.start(prepared, name, context)));
  return prepared;
}
