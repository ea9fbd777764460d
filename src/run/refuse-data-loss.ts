import { EnvctlError } from '../model/errors.js';
import type { Plan } from '../model/plan.js';
import type { Prepared } from '../model/workload.js';

/** Throws DATA_AT_RISK if the plan removes a service that holds data. */
export function refuseDataLoss({ nodes }: Plan, prepared: Prepared): void {
  const lost = nodes.filter((node) => node.step === 'remove').find(({ service }) => holdsData(service, prepared));
  if (!lost) return;
  throw new EnvctlError(
    'DATA_AT_RISK',
    `Service "${lost.service}" holds data and would have to be recreated (${lost.cause})`,
    {
      hint: 'Update the instance with `envctl up`, or use another instance: `run -i <name>`.',
      service: lost.service,
    },
  );
}

const holdsData = (name: string, { workloads }: Prepared): boolean =>
  workloads.some(
    ({ service, stores, image }) => service === name && (stores.length > 0 || (image?.volumes.length ?? 0) > 0),
  );
