import type { BoundService } from '../model/service.js';
import type { UpDependencies } from './up-dependencies.js';

/** Loads drivers (40 ms each) while the engine creates containers. A failure shows at the first use. */
export function preloadDrivers(services: readonly BoundService[], protocol: UpDependencies['protocol']): void {
  const names = services.flatMap(({ gate, speaks }) => [
    ...gate.probes.flatMap((probe) => (probe.kind === 'protocol' ? [probe.protocol] : [])),
    ...(speaks === null ? [] : [speaks]),
  ]);
  for (const name of new Set(names)) protocol(name).catch(() => undefined);
}
