/** Asks the probes of one replica, once. */
import { type ProbeResult, ready, type ServiceAccess } from '../../model/protocol.js';
import type { Probe } from '../../model/service.js';
import { askProbe, probeName } from '../../profile/probes/kinds.js';
import type { AskContext } from '../../profile/probes/probe-kind.js';

export interface ProbeAttempt extends Omit<AskContext, 'access'> {
  /** Access to the replica; `port` is the name of the port to ask. */
  readonly access: (port: string) => ServiceAccess;
}

export interface ProbeAnswer {
  readonly probe: string;
  readonly result: ProbeResult;
}

/** Asks in the given order; the first probe that is not ready is the answer. */
export async function askProbes(probes: readonly Probe[], attempt: ProbeAttempt): Promise<ProbeAnswer> {
  for (const probe of probes) {
    const access = attempt.access('port' in probe ? probe.port : 'main');
    const result = await askProbe(probe, { ...attempt, access });
    if (result.kind !== 'ready') return { probe: probeName(probe), result };
  }
  return { probe: probes.map(probeName).join(', '), result: ready };
}
