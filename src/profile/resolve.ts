/** Resolves the layers of a profile to an Environment, in named passes. */

import type { Environment } from '../model/environment.js';
import { isMap, type TemplateMap } from '../model/json.js';
import { addNeeds, inStartOrder } from './dependency-graph.js';
import type { Merged } from './layers/merge.js';
import { mergedProfile, scopeOf, servicesOf } from './layers/merged-profile.js';
import { checkNames, readExports } from './names.js';
import { checkReferences } from './references/check-references.js';
import type { Scope } from './references/substitute.js';
import type { ResolveInput } from './resolve-input.js';
import { selectServices } from './select-services.js';
import { strings } from './service/parameters.js';
import { checkHostPorts } from './service/ports.js';
import { readService, type ServiceDraft } from './service/service.js';
import { expandService } from './service/template.js';
import { processNotices } from './service/unsupported-keys.js';

/**
 * Pure. The result is in start order; only what depends on an image is left to binding.
 * Throws EnvctlError at the position of anything invalid.
 */
export function resolveEnvironment(input: ResolveInput): Environment {
  const scope = scopeOf(input);
  const merged = mergedProfile(input, scope);
  checkNames(merged);
  const drafts = readServices(merged, { input, scope });
  const all = addNeeds(drafts);
  const exports = readExports(merged);
  checkReferences(all, exports);
  const selected = selectServices(inStartOrder(all), input.selection, composeProfiles(merged));
  const chosen = new Set(selected.services.map((service) => service.name));
  checkHostPorts(drafts.filter(({ name }) => chosen.has(name)));
  return {
    ...input.instance,
    summary: typeof merged.value.summary === 'string' ? merged.value.summary : '',
    storage: input.storage,
    services: selected.services,
    declared: all.map((service) => service.name),
    absent: all.filter((service) => !chosen.has(service.name)),
    exports,
    compose: topLevelCompose(merged),
    notices: [
      ...drafts.filter((draft) => chosen.has(draft.name)).flatMap((draft) => draft.notices),
      ...nameNotices(merged.value),
      ...selected.notices,
      ...processNotices(merged, input, selected.services),
    ],
  };
}

interface Resolving {
  readonly input: ResolveInput;
  readonly scope: Scope;
}

function readServices(merged: Merged, { input, scope }: Resolving): readonly ServiceDraft[] {
  const services = servicesOf(merged);
  const context = {
    input,
    services: Object.keys(services),
    jobs: awaitedJobs(services),
    adopted: adoptedServices(input),
  };
  return Object.entries(services).map(([name, written]) =>
    readService(expandService(name, isMap(written) ? written : {}, { input, scope, merged }), context),
  );
}

const adoptedServices = ({ layers }: ResolveInput): ReadonlySet<string> =>
  new Set(layers.filter(({ kind }) => kind === 'compose').flatMap(({ document }) => Object.keys(servicesOf(document))));

function awaitedJobs(services: TemplateMap): ReadonlySet<string> {
  const jobs = Object.values(services).flatMap((service) => {
    const dependsOn = isMap(service) && isMap(service.depends_on) ? service.depends_on : {};
    return Object.entries(dependsOn).flatMap(([name, value]) =>
      isMap(value) && value.condition === 'service_completed_successfully' ? [name] : [],
    );
  });
  return new Set(jobs);
}

const composeProfiles = (merged: Merged): ReadonlyMap<string, readonly string[]> =>
  new Map(
    Object.entries(servicesOf(merged)).map(([name, service]) => [
      name,
      isMap(service) ? strings(service.profiles) : [],
    ]),
  );

/** Instances do not share networks or volumes, except external ones. */
function nameNotices(value: TemplateMap): readonly string[] {
  return (['networks', 'volumes'] as const).flatMap((kind) =>
    Object.entries(isMap(value[kind]) ? value[kind] : {}).flatMap(([name, entry]) =>
      isMap(entry) && typeof entry.name === 'string' && (entry.external ?? false) === false
        ? [`${kind.slice(0, -1)} ${name}: the name "${entry.name}" is replaced by one per instance`]
        : [],
    ),
  );
}

function topLevelCompose(merged: Merged): TemplateMap {
  const keys = ['networks', 'volumes', 'configs', 'secrets'];
  return Object.fromEntries(Object.entries(merged.value).filter(([key, value]) => keys.includes(key) && isMap(value)));
}
