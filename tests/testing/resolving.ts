/** Profiles of tests, resolved with the built-in templates, and errors as users read them. */
import { beforeAll } from 'vitest';
import { loadTemplates } from '../../src/files/templates.js';
import type { Environment } from '../../src/model/environment.js';
import { EnvctlError } from '../../src/model/errors.js';
import type { Template } from '../../src/model/profile.js';
import type { Service } from '../../src/model/service.js';
import type { ResolveInput } from '../../src/profile/resolve-input.js';
import { type LayerText, project, resolveProfile } from './environments.js';

export type { LayerText as Written };
export { project };

let templates: ReadonlyMap<string, Template>;
beforeAll(async () => {
  templates = await loadTemplates(project);
});

export const resolveText = (written: string | readonly LayerText[], options: Partial<ResolveInput> = {}): Environment =>
  resolveProfile(written, { templates, ...options });

export const composeLayer = (text: string): readonly LayerText[] => [
  { kind: 'compose', text, path: `${project}/docker-compose.yml` },
];

export function serviceOf(environment: Environment, name: string): Service {
  const service = environment.services.find((one) => one.name === name);
  if (!service) throw new Error(`${name} is not in ${environment.services.map((one) => one.name).join(', ')}`);
  return service;
}

/** The error as `line:column message → hint (CODE exit)`. */
export function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (!(error instanceof EnvctlError)) throw error;
    const at = error.position ? `${error.position.line}:${error.position.column} ` : '';
    return `${at}${error.message} → ${error.hint} (${error.code} ${error.exitCode})`;
  }
  throw new Error('no error was thrown');
}
