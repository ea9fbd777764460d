/** Environments for tests of container engines, and a Compose engine to run them. */
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { type ComposeEngineOptions, composeEngine } from '../../src/engines/compose/engine.js';
import type { EngineContext } from '../../src/model/engine.js';
import type { Environment, Storage } from '../../src/model/environment.js';
import type { EnvEvent } from '../../src/model/events.js';
import { asMap, type Json, type JsonMap } from '../../src/model/json.js';
import type { Port, Service } from '../../src/model/service.js';
import type { ImageMetadata, Prepared } from '../../src/model/workload.js';
import { bind, environmentWith, imageWith, preparationOf } from './environments.js';

export const base = 'debian:bookworm-slim';

export interface ServiceSketch {
  /** Compose keys; their strings are literal. */
  readonly compose?: JsonMap;
  /** A number is the port the service listens on. */
  readonly ports?: Readonly<Record<string, number | Port>>;
  readonly scale?: number;
  readonly keep?: boolean;
  readonly data?: readonly string[];
}
export type Sketch = Readonly<Record<string, ServiceSketch>>;

export interface EnvironmentSketch {
  readonly id?: string;
  readonly services: Sketch;
  readonly compose?: JsonMap;
  readonly project?: string;
  readonly storage?: Storage;
}

/** A new id for each test, so its leftovers can be found and removed. */
export const freshId = (): string => `test-${randomBytes(4).toString('hex')}-${randomBytes(3).toString('hex')}`;

export function environmentOf({
  id = freshId(),
  services,
  compose = {},
  project = tmpdir(),
  ...sketch
}: EnvironmentSketch): Environment {
  const fields = Object.entries(services).map(([name, service]) => [name, fieldsOf(service, project)] as const);
  return environmentWith(Object.fromEntries(fields), { id, project, compose, ...sketch });
}

function fieldsOf(
  { compose = {}, ports = {}, data = [], keep = false, scale = 1 }: ServiceSketch,
  project: string,
): Partial<Service> {
  const form =
    compose.build === undefined ? { image: compose.image ?? base } : { build: longBuild(compose.build, project) };
  return {
    compose: { command: ['sleep', '300'], init: true, ...compose, ...form },
    ports: Object.fromEntries(
      Object.entries(ports).map(([name, port]) => [
        name,
        typeof port === 'number' ? { inside: port, fixed: null } : port,
      ]),
    ),
    data,
    keep,
    scale,
    position: { file: '/profile.yaml', line: 7, column: 3 },
  };
}

/** As in a normalized profile. */
function longBuild(build: Json, project: string): JsonMap {
  const long = typeof build === 'string' ? { context: build } : asMap(build);
  return { ...long, context: resolve(project, String(long.context)) };
}

export const factsOf = imageWith;

/** Bound without asking an engine: every service has its image, with these metadata if given. */
export function preparedOf(environment: Environment, images: Readonly<Record<string, ImageMetadata>> = {}): Prepared {
  const all = environment.services.map(
    ({ name, compose }) => [name, imageWith(String(compose.image ?? base))] as const,
  );
  return bind(environment, preparationOf(environment, { images: { ...Object.fromEntries(all), ...images } }));
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

/** Creates and starts all services of a sketch. */
export async function bringUp(engine: ReturnType<typeof composeEngine>, sketch: EnvironmentSketch): Promise<Prepared> {
  const context = contextOf();
  const environment = environmentOf(sketch);
  const preparation = await engine.prepare(
    environment,
    { observed: [], reserve: [], images: 'make', pull: false },
    context,
  );
  const prepared = bind(environment, preparation);
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
