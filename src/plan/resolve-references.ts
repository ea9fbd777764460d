/** Puts literal values in the place of references. */

import { connectionProperty } from '../connections/view.js';
import type { Connection } from '../model/connection.js';
import type { Environment } from '../model/environment.js';
import { EnvctlError } from '../model/errors.js';
import type { Json } from '../model/json.js';
import { mapStrings } from '../model/json.js';
import type { TemplateText } from '../model/profile.js';
import type { Service } from '../model/service.js';
import type { Preparation } from '../model/workload.js';
import { type Reference, referenceText, renderText, reservedOwners } from '../profile/references/grammar.js';

export interface ReferenceContext {
  readonly environment: Environment;
  readonly preparation: Preparation;
  /** Of every service, those left out of this run included. */
  readonly connections: ReadonlyMap<string, Connection>;
}

/** What reads a text: another service, or a command or probe on this host. */
export type Side = 'inside' | 'outside';

/** `value` with every reference filled in as seen from `side`, and `$$` as `$`. Throws REFERENCE_DANGLING for what is not known before start. */
export function resolveReferences<T>(
  value: T,
  context: ReferenceContext,
  { service, side }: { readonly service: Service | null; readonly side: Side },
): T {
  const at = service?.position ?? { file: '', line: 1, column: 1 };
  const grammar = { owners: [...context.environment.declared, ...reservedOwners], at };
  const fill = (text: TemplateText): string =>
    renderText(text, grammar, (reference) => factFor(reference, context, { service, side }));
  return mapStrings(value as Json, fill) as T;
}

function factFor(
  reference: Reference,
  { preparation, connections }: ReferenceContext,
  { service, side }: { readonly service: Service | null; readonly side: Side },
): string {
  if (reference.owner === 'at') {
    const own = preparation.outside[service?.name ?? ''] ?? preparation.inside[service?.name ?? ''] ?? {};
    return String((reference.path[0] === 'port' ? own.main?.port : own.main?.host) ?? '');
  }
  const connection = connections.get(reference.owner);
  const value = connection && connectionProperty(connection, reference.path, side);
  if (value !== undefined) return value;
  throw new EnvctlError(
    'REFERENCE_DANGLING',
    `"${referenceText(reference)}" is not known before "${reference.owner}" runs`,
    {
      hint: `Name its inside address, or fix its port: port: 8000:8000.`,
      ...(service ? { position: service.position } : {}),
    },
  );
}
