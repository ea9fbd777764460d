import { EnvctlError, suggest } from '../model/errors.js';
import { reachable } from '../model/graph.js';
import type { Need, Service } from '../model/service.js';
import type { Selection } from './resolve-input.js';

export interface Selected {
  readonly services: readonly Service[];
  readonly notices: readonly string[];
}

/**
 * The services of this run: the selected ones and their dependencies, without those left out.
 * `behind` are services with Compose `profiles:`, which run only if enabled, selected or needed.
 */
export function selectServices(
  services: readonly Service[],
  selection: Selection,
  behind: ReadonlyMap<string, readonly string[]>,
): Selected {
  const names = services.map((service) => service.name);
  for (const name of [...selection.only, ...selection.without]) if (!names.includes(name)) throw unknown(name, names);
  const byName = new Map(services.map((service) => [service.name, service]));
  const next = (name: string): readonly string[] => {
    const service = byName.get(name);
    return service && !selection.without.includes(name)
      ? [...service.needs.map((need) => need.service), ...service.seed.after]
      : [];
  };
  const on = (name: string): boolean => {
    const profiles = behind.get(name) ?? [];
    return (
      profiles.length === 0 ||
      profiles.some((profile) => selection.composeProfiles.includes(profile) || selection.composeProfiles.includes('*'))
    );
  };
  const roots = selection.only.length > 0 ? selection.only : names.filter(on);
  const chosen = new Set([...roots, ...reachable(roots, next)]);
  for (const name of selection.without) chosen.delete(name);
  const kept = services.filter((service) => chosen.has(service.name));
  return {
    services: kept.map((service) => withoutMissing(service, chosen)),
    notices: kept.flatMap((service) => missingNotices(service, chosen)),
  };
}

const missing = (service: Service, chosen: ReadonlySet<string>): readonly Need[] =>
  service.needs.filter((need) => !chosen.has(need.service));

function withoutMissing(service: Service, chosen: ReadonlySet<string>): Service {
  const seed = { ...service.seed, after: service.seed.after.filter((name) => chosen.has(name)) };
  return { ...service, seed, needs: service.needs.filter((need) => chosen.has(need.service)) };
}

function missingNotices(service: Service, chosen: ReadonlySet<string>): readonly string[] {
  return [...new Set(missing(service, chosen).map((need) => need.service))].map(
    (name) => `${service.name} starts without ${name}, which is left out`,
  );
}

function unknown(name: string, known: readonly string[]): EnvctlError {
  return new EnvctlError('USAGE', `This profile has no service "${name}"`, { hint: suggest(name, known) });
}
