import { connectionsOf, exportsOf } from '../../connections/connections.js';
import type { Connection } from '../../model/connection.js';
import { connectionProperty } from '../../model/connection.js';
import { EnvctlError } from '../../model/errors.js';
import type { Service } from '../../model/service.js';
import type { Position, Reference } from '../../model/template-text.js';
import { referenceText } from '../../profile/references/grammar.js';
import { fillText } from '../../profile/references/template-text.js';
import { accessTo, type UpContext } from '../up-context.js';
import type { SeedingContext } from './seed-service.js';

/** Seeds go to replica 1: a service with seeds has no other. */
export function seedingContext(service: Service, run: UpContext): SeedingContext {
  const { prepared, watcher, engine } = run;
  const [replica] = watcher.of(service.name);
  if (!replica) throw new Error(`bug: ${service.name} is seeded but does not run`);
  const { id, exports } = prepared.environment;
  const connections = (): readonly Connection[] => connectionsOf(watcher.all(), run.secret);
  return {
    ...run,
    access: accessTo(replica, 'main', run),
    notes: run.ledger(service.name, `${replica.id}@${replica.startedAt ?? 0}`),
    resolve: (text, side) =>
      fillText(text, (reference, position) => {
        const connection = connections().find((candidate) => candidate.service === reference.owner);
        const value = connection && connectionProperty(connection, reference.path, side);
        if (value === undefined) throw unknownReference(reference, service, position);
        return value;
      }),
    exports: () => exportsOf(connections(), watcher.all(), exports),
    execIn: (name, argv, options) => engine.exec({ instance: id, service: name, replica: 1 }, argv, options),
  };
}

function unknownReference(reference: Reference, service: Service, position: Position): EnvctlError {
  return new EnvctlError(
    'REFERENCE_DANGLING',
    `"${referenceText(reference)}" is not known yet when "${service.name}" is seeded`,
    { hint: `Make the seeds wait for it: \`seed.after: [${reference.owner}]\`.`, position },
  );
}
