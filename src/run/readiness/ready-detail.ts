import type { BoundService } from '../../model/service.js';
import { probeName } from '../../profile/probes/kinds.js';
import type { UpContext } from '../up-context.js';

/** How a service was found ready: `postgres`, `exit 0`. */
export function readyDetail(service: BoundService, { watcher }: UpContext): string {
  const [first] = watcher.of(service.name);
  if (first?.state === 'exited') return service.once === 'yes' ? 'exit 0' : 'exit 0, treated as a job';
  return service.gate.probes.map(probeName).join(', ');
}
