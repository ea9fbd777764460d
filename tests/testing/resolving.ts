/** Resolves profiles written in a test, with the real templates, and tells errors as a person would read them. */
import { beforeAll } from 'vitest';
import { composeServiceKeys } from '../../src/files/compose-keys.js';
import { serviceWords } from '../../src/files/schema.js';
import { loadTemplates } from '../../src/files/templates.js';
import { validateProfile } from '../../src/files/validate-profile.js';
import { parseDocument } from '../../src/files/yaml/document.js';
import type { Environment } from '../../src/model/environment.js';
import { EnvctlError } from '../../src/model/errors.js';
import type { Layer, Template } from '../../src/model/profile.js';
import type { Service } from '../../src/model/service.js';
import { resolveEnvironment } from '../../src/profile/resolve.js';
import type { ResolveInput } from '../../src/profile/resolve-input.js';
import { protocols } from '../../src/protocols/registry.js';

export const project = '/project';
let templates: ReadonlyMap<string, Template>;
beforeAll(async () => {
  templates = await loadTemplates(project);
});

export interface Written {
  readonly kind?: Layer['kind'];
  readonly text: string;
  readonly path?: string;
}

/** Layers lowest first; a bare string is one profile at /project/environments/shop.yaml. */
export function resolveText(written: string | readonly Written[], options: Partial<ResolveInput> = {}): Environment {
  const list: readonly Written[] = typeof written === 'string' ? [{ text: written }] : written;
  const layers = list.map(({ kind = 'profile', text, path = `${project}/environments/shop.yaml` }): Layer => {
    const { document } = parseDocument(path, text);
    if (kind !== 'compose') validateProfile(document);
    return { kind, document };
  });
  return resolveEnvironment({
    layers,
    templates,
    protocols,
    composeKeys: composeServiceKeys,
    serviceKeys: [...Object.keys(serviceWords), ...composeServiceKeys],
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

export const composeLayer = (text: string): readonly Written[] => [
  { kind: 'compose', text, path: `${project}/docker-compose.yml` },
];

export function serviceOf(environment: Environment, name: string): Service {
  const service = environment.services.find((one) => one.name === name);
  if (!service) throw new Error(`${name} is not in ${environment.services.map((one) => one.name).join(', ')}`);
  return service;
}

/** What a person reads: `line:column message → hint (CODE exit)`. */
export function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (!(error instanceof EnvctlError)) throw error;
    const at = error.position ? `${error.position.line}:${error.position.column} ` : '';
    return `${at}${error.message} → ${error.hint} (${error.code} ${error.exitCode})`;
  }
  throw new Error('it was not refused');
}
