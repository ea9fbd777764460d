/** Replaces references by literal values. */
import type { Connection } from '../model/connection.js';
import { connectionProperty } from '../model/connection.js';
import type { Environment } from '../model/environment.js';
import { EnvctlError } from '../model/errors.js';
import type { DeclaredProbe, Probe, Service } from '../model/service.js';
import type { Reference } from '../model/template-text.js';
import type { Preparation } from '../model/workload.js';
import { askedFrom, bindFields } from '../profile/probes/kinds.js';
import { referenceText } from '../profile/references/grammar.js';
import { fillText, fillTree, type ReferenceLookup } from '../profile/references/template-text.js';

export interface ReferenceContext {
  readonly environment: Environment;
  readonly preparation: Preparation;
  /** Of every service, including those left out of this run. */
  readonly connections: ReadonlyMap<string, Connection>;
}

/** Who uses a text: other services (`inside`), or commands and probes on this host (`outside`). */
export type Side = 'inside' | 'outside';

export interface ReferenceReader {
  /** The service whose text is filled in; null: a top-level key. */
  readonly service: Service | null;
  readonly side: Side;
}

/** Looks references up as seen by the reader. Throws REFERENCE_DANGLING for addresses not known before start. */
export function referenceLookup(
  { preparation, connections }: ReferenceContext,
  { service, side }: ReferenceReader,
): ReferenceLookup {
  return (reference, position) => {
    if (reference.owner === 'at') return ownAddress(reference, preparation, service?.name ?? '');
    const connection = connections.get(reference.owner);
    const value = connection && connectionProperty(connection, reference.path, side);
    if (value !== undefined) return value;
    throw new EnvctlError(
      'REFERENCE_DANGLING',
      `"${referenceText(reference)}" is not known before "${reference.owner}" starts`,
      { hint: 'Refer to its inside address, or fix its port: `port: 8000:8000`.', position },
    );
  };
}

function ownAddress({ path }: Reference, { inside, outside }: Preparation, service: string): string {
  const { main } = outside[service] ?? inside[service] ?? {};
  return String((path[0] === 'port' ? main?.port : main?.host) ?? '');
}

/** Fills in a probe's references as seen from where it is asked. */
export function bindProbe(probe: DeclaredProbe, context: ReferenceContext, service: Service): Probe {
  const lookup = referenceLookup(context, { service, side: askedFrom(probe) === 'service' ? 'inside' : 'outside' });
  return bindFields(probe, { text: (text) => fillText(text, lookup), map: (map) => fillTree(map, lookup) });
}
