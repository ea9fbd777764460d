/** Environments for tests: resolved and bound by the same code as those of users. */
import { composeServiceKeys } from '../../src/files/compose-keys.js';
import { ownServiceKeys } from '../../src/files/service-schema.js';
import { validateProfile } from '../../src/files/validate-profile.js';
import { parseDocument } from '../../src/files/yaml/document.js';
import type { Environment } from '../../src/model/environment.js';
import type { Layer } from '../../src/model/profile.js';
import type { Service } from '../../src/model/service.js';
import type { ImageMetadata, Preparation, Prepared, WorkloadKind } from '../../src/model/workload.js';
import { bindEnvironment } from '../../src/plan/bind.js';
import { resolveEnvironment } from '../../src/profile/resolve.js';
import type { ResolveInput } from '../../src/profile/resolve-input.js';
import { protocols } from '../../src/protocols/registry.js';

export const project = '/project';

export interface LayerText {
  readonly kind?: Layer['kind'];
  readonly text: string;
  readonly path?: string;
}

/** Layers lowest first; a string is one profile at /project/environments/shop.yaml. No templates by default. */
export function resolveProfile(
  written: string | readonly LayerText[],
  options: Partial<ResolveInput> = {},
): Environment {
  const list: readonly LayerText[] = typeof written === 'string' ? [{ text: written }] : written;
  const layers = list.map(({ kind = 'profile', text, path = `${project}/environments/shop.yaml` }): Layer => {
    const { document } = parseDocument(path, text);
    if (kind !== 'compose') validateProfile(document);
    return { kind, document };
  });
  return resolveLayers(layers, options);
}

export function resolveLayers(layers: readonly Layer[], options: Partial<ResolveInput> = {}): Environment {
  return resolveEnvironment({
    layers,
    templates: new Map(),
    protocols,
    composeKeys: composeServiceKeys,
    serviceKeys: [...Object.keys(ownServiceKeys), ...composeServiceKeys],
    instance: { id: 'shop-000000', profile: 'shop', project },
    set: {},
    env: {},
    secret: (service, parameter) => `generated${service}${parameter}`,
    readText: () => null,
    selection: { only: [], without: [], composeProfiles: [] },
    storage: 'memory',
    fixedPorts: false,
    runs: ['container'],
    ...options,
  });
}

/** An environment of minimal services with some of their fields replaced, in the given order. */
export function environmentWith(
  services: Readonly<Record<string, Partial<Service>>>,
  changes: Partial<Environment> & { readonly id: string },
): Environment {
  const names = Object.keys(services);
  const minimal = Object.fromEntries(names.map((name) => [name, { image: 'debian:bookworm-slim' }]));
  const plain = resolveProfile(JSON.stringify({ services: minimal }));
  const replaced = names.flatMap((name) =>
    plain.services.filter((service) => service.name === name).map((service) => ({ ...service, ...services[name] })),
  );
  return { ...plain, profile: 'test', storage: 'disk', services: replaced, ...changes };
}

export const imageWith = (reference: string, changes: Partial<ImageMetadata> = {}): ImageMetadata => ({
  id: '',
  reference,
  healthcheck: null,
  volumes: [],
  ...changes,
});

/** The preparation of an engine that puts each service at its own name and port. */
export function preparationOf(environment: Environment, changes: Partial<Preparation> = {}): Preparation {
  const inside = Object.fromEntries(
    environment.services.map(({ name, ports }) => [
      name,
      Object.fromEntries(Object.entries(ports).map(([port, at]) => [port, { host: name, port: at.inside }])),
    ]),
  );
  return { images: {}, inside, outside: {}, ...changes };
}

export interface BindOptions {
  readonly runs?: readonly WorkloadKind[];
  readonly hashes?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
}

export const bind = (
  environment: Environment,
  preparation: Preparation = preparationOf(environment),
  { runs = ['container'], hashes = {}, secrets = [] }: BindOptions = {},
): Prepared => bindEnvironment({ environment, preparation, runs, hashes, secrets });
