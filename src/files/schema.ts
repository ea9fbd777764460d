/** The shape of what a person writes. `profile.schema.json` is generated from here, so that editor and loader agree. */
import { z } from 'zod';

const reference = z.string().regex(/\$\{/).describe('A reference such as ${parameters.name}');
const orReference = <T extends z.ZodType>(type: T) => z.union([type, reference]);
const scalar = z.union([z.string(), z.number(), z.boolean()]);
const duration = z.union([z.number().nonnegative(), z.string().regex(/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$|^\d+$|\$\{/)]).describe('Seconds, or a duration such as 500ms, 30s, 2m');
const words = z.union([z.string(), z.array(scalar)]);
const port = z
  .union([z.number().int().min(1).max(65535), z.string().regex(/^(\d+:)?\d+$|\$\{/)])
  .describe('Where the service listens (8000), or host:service to fix the host port (8000:8000)');

const parameter = z.union([
  scalar,
  z.strictObject({
    default: scalar.optional().describe('Value when nobody gives one; without it the parameter must be given'),
    type: z.enum(['string', 'integer', 'boolean']).optional(),
    values: z.array(scalar).optional().describe('The values it may take'),
    summary: z.string().optional(),
  }),
]);

const pace = {
  timeout: duration.optional().describe('How long this gate may take'),
  interval: duration.optional().describe('Pause between attempts'),
  stable: duration.optional().describe('How long it must hold before the gate opens'),
};
const probe = z.union([
  z.string().describe('healthy, running, a protocol, or a wait-on resource such as tcp:db:5432'),
  z.looseObject({ ...pace, port: scalar.optional() }).describe('One probe: http, tcp, log, exec, command or a protocol by name, with its options'),
]);

const path = z.string();
const seedStep = z.union([
  z.strictObject({ sql: path.describe('SQL file, or a folder of them') }),
  z.strictObject({ csv: path, table: z.string().describe('Table the rows go to; the first line names the columns'), delimiter: z.string().length(1).optional() }),
  z.strictObject({ redis: path.describe('JSON file: key → value, or { type, value, ttl }') }),
  z.strictObject({ stubs: path.describe('JSON file of WireMock mappings or MockServer expectations, or a folder') }),
  z.strictObject({
    http: z.string().describe('Path on the service, or a URL'),
    method: z.string().optional(),
    headers: z.record(z.string(), scalar).optional(),
    body: z.string().optional(),
    json: z.unknown().optional(),
    file: path.optional(),
    status: z.number().int().optional(),
  }),
  z.strictObject({ exec: words.describe('Command in the service'), in: z.string().optional().describe('Another service to run it in') }),
  z.strictObject({ run: words.describe('Command on this host, with the exports in its environment'), cwd: path.optional() }),
]);
const seed = z.union([
  z.array(seedStep),
  z.strictObject({ after: z.union([z.string(), z.array(z.string())]).optional().describe('Services whose gate the seeds wait for'), steps: z.array(seedStep).optional() }),
]);

const process = z.union([
  z.strictObject({
    command: words.describe('Program and arguments'),
    port: z.string().optional().describe('Variable that tells the program its port (PORT), or auto'),
    ports: z.record(z.string(), z.string()).optional().describe('The same by port name'),
    cwd: path.optional(),
  }),
  z.strictObject({ run: z.string().describe('A server that the embedded engine knows') }),
]);

/** envctl's words of a service; all others are Compose's. */
export const serviceWords = {
  template: z.string().optional().describe('A ready-made service: postgres, redis, mockserver …'),
  with: z.record(z.string(), z.union([scalar, z.null()])).optional().describe('Parameters of the template'),
  port: port.optional(),
  ports: z.union([z.record(z.string(), port), z.array(z.unknown())]).optional().describe('By name (envctl), or Compose’s list'),
  ready: z.union([probe, z.array(probe)]).optional().describe('What must be true before dependents start'),
  seed: seed.optional().describe('What puts data in, after the gate and before dependents'),
  once: orReference(z.boolean()).optional().describe('A job: it is ready when it has exited with 0'),
  process: process.optional().describe('How to run it without Docker'),
  timeout: duration.optional().describe('How long its gate may take; 120 s unless said'),
  keep: orReference(z.boolean()).optional().describe('Whether down keeps its data'),
};

/** `null` deletes what a lower layer says. */
const nullable = (shape: Readonly<Record<string, z.ZodType>>): Record<string, z.ZodType> =>
  Object.fromEntries(Object.entries(shape).map(([key, type]) => [key, type.nullable()]));
const service = z.looseObject(nullable(serviceWords)).describe('envctl’s words, and any of Compose’s service keys');
const anyMap = z.record(z.string(), z.unknown());
const names = z.union([z.string(), z.array(z.string())]);

const profileShape = {
  $schema: z.string().optional(),
  name: z.string().optional(),
  version: scalar.optional().describe('Compose’s, without meaning today'),
  summary: z.string().optional().describe('One line for lists'),
  extends: names.optional().describe('Profiles this one builds on; later ones win, this one last'),
  include: z.union([names, z.array(z.unknown())]).optional().describe('Plain Compose files'),
  parameters: z.record(z.string(), z.union([parameter, z.null()])).optional(),
  services: z.record(z.string(), z.union([service, z.null()])).optional(),
  exports: z.record(z.string(), z.union([scalar, z.null()])).optional().describe('Connection facts under the names that the tests want'),
  networks: anyMap.optional(),
  volumes: anyMap.optional(),
  configs: anyMap.optional(),
  secrets: anyMap.optional(),
};
export const profileSchema = z.strictObject(profileShape).catchall(z.never()).meta({ id: 'profile', title: 'envctl profile' });
export const profileKeys = Object.keys(profileShape);

const templateParameter = z.union([
  scalar,
  z.strictObject({
    default: scalar.optional(),
    type: z.enum(['string', 'integer', 'boolean']).optional(),
    values: z.array(scalar).optional(),
    secret: z.boolean().optional(),
    summary: z.string().optional(),
    from: names.optional().describe('Variables (or --flags) of an adopted service that say it'),
    absent: z.string().optional().describe('What the image does without them'),
  }),
]);
export const templateSchema = z.strictObject({
  $schema: z.string().optional(),
  summary: z.string(),
  kind: z.string(),
  speaks: z.string().optional(),
  recognises: z.array(z.string()).optional(),
  serves: z.array(z.string()).optional(),
  parameters: z.record(z.string(), templateParameter).optional(),
  service: anyMap,
  process: process.optional(),
  ports: z.record(z.string(), z.number().int()).optional(),
  data: z.array(z.string()).optional(),
  ready: z.union([probe, z.array(probe)]).optional(),
  connection: z
    .strictObject({ url: z.string().optional(), env: z.record(z.string(), z.string()).optional(), ports: z.record(z.string(), z.strictObject({ url: z.string() })).optional() })
    .optional(),
});

/** JSON Schema of a profile, for editors (draft 07, which yaml-language-server reads). */
export function profileJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(profileSchema, { target: 'draft-07', io: 'input', unrepresentable: 'any' });
}
