/** The schema of envctl's keys of a service. */
import * as z from 'zod';
import type { ProbeKind } from '../model/service.js';
import { probeKinds, probeKindsOfForm } from '../profile/probes/kinds.js';
import { seedKindNames, seedKinds } from '../profile/seeds/kinds.js';
import {
  commandLine,
  duration,
  expects,
  flag,
  list,
  mapOf,
  names,
  path,
  port,
  scalar,
  shapeOf,
  text,
} from './schema-values.js';

const gateKeys = {
  timeout: duration.optional().describe('Time limit of this gate'),
  interval: duration.optional().describe('Pause between attempts'),
  stable: duration.optional().describe('How long the probes must keep succeeding before the gate opens'),
};
/** Only described: reading checks them, since their errors depend on the kind of probe. */
const looseKeys = (kind: ProbeKind): Record<string, z.ZodType> =>
  Object.fromEntries(
    Object.entries(probeKinds[kind].keys).map(([key, { describe = '' }]) => [
      key,
      z.unknown().optional().describe(describe),
    ]),
  );
const probe = z.union(
  [
    z
      .string()
      .describe(
        `${probeKindsOfForm('name').join(', ')}, the name of a protocol, or a wait-on resource such as tcp:db:5432`,
      ),
    z
      .looseObject({
        ...Object.fromEntries(probeKindsOfForm('map').flatMap((kind) => Object.entries(looseKeys(kind)))),
        ...gateKeys,
        port: scalar.optional().describe('Port to probe, by name or number; default main'),
      })
      .describe(
        `One probe: http, tcp, ${probeKindsOfForm('map').join(', ')} or the name of a protocol, with its options`,
      ),
  ],
  expects('a probe by name, or a map such as { http: /health }'),
);
export const probes = z.union([probe, list(probe)], expects('a probe or a list of probes'));

const seedStep = z.union(
  seedKindNames.map((kind) => z.strictObject(shapeOf(seedKinds[kind].keys))),
  expects(`a map with one of ${seedKindNames.join(', ')}`),
);
const seed = z.union(
  [
    list(seedStep),
    z.strictObject({
      after: names.optional().describe('Services whose gates must be open before the seeds run'),
      steps: list(seedStep).optional().describe('The steps, in the order they run'),
    }),
  ],
  expects('a list of steps, or a map with after and steps'),
);

export const processSchema = z.union(
  [
    z.strictObject({
      command: commandLine.describe('Program and arguments'),
      port: text.optional().describe('Variable that passes the program its port (PORT), or auto'),
      ports: mapOf(text).optional().describe('Variables that pass the program its ports, by port name'),
      cwd: path.optional().describe("Working directory; default the profile's folder"),
    }),
    z.strictObject({ run: text.describe('A server that the embedded engine can run') }),
  ],
  expects('a map with command, or with run'),
);

/** envctl's keys of a service; all others are Compose's. */
export const ownServiceKeys = {
  template: text.optional().describe('A ready-made service: postgres, redis, mockserver …'),
  with: mapOf(scalar.nullable()).optional().describe('Parameters of the template'),
  port: port.optional(),
  ports: z
    .union([mapOf(port.nullable()), z.array(z.unknown())], expects("a map of ports by name, or Compose's list"))
    .optional()
    .describe("Ports by name, or Compose's list"),
  ready: probes.optional().describe('Probes that must succeed before dependents start'),
  seed: seed.optional().describe('Loads data after the gate opens and before dependents start'),
  once: flag.optional().describe('Marks a job: a service that runs once and is ready when it exits with 0'),
  process: processSchema.optional().describe('How to run it without Docker'),
  timeout: duration.optional().describe('Time limit of its gate; default 120s'),
  keep: flag.optional().describe('Whether `down` keeps its data'),
};
