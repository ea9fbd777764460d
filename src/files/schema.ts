/** The shape of what a person writes. `profile.schema.json` is generated from here, so that editor and loader agree. */
import * as z from 'zod';
import type { KeyDeclarations, KeyType } from '../profile/keys.js';
import { seedKindNames, seedKinds } from '../profile/seeds/kinds.js';
import { composeServiceKeys } from './compose-keys.js';

/** What a value takes, in words that stand behind `"key" takes …`. */
const takes = (words: string): { readonly error: string } => ({ error: words });

const text = z.string(takes('a text'));
const scalar = z.union([z.string(), z.number(), z.boolean()], takes('a text, a number or true or false'));
const reference = z.string().regex(/\$\{/, 'true or false').describe('A reference such as ${parameters.name}');
const flag = z.union([z.boolean(), reference], takes('true or false'));
const names = z.union([z.string(), z.array(z.string())], takes('a name or a list of names'));
const commandLine = z.union([z.string(), z.array(scalar)], takes('a command line, or a list of words'));
const path = z.string(takes('a path'));
const list = <T extends z.ZodType>(type: T) => z.array(type, takes('a list'));
const mapOf = <T extends z.ZodType>(type: T) => z.record(z.string(), type, takes('a map'));
const anyMap = mapOf(z.unknown());

const durationWords = 'a time: seconds, or 500ms, 30s, 2m';
const duration = z
  .union(
    [
      z.number().nonnegative(),
      z.string().regex(/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$|^\d+(\.\d+)?$|\$\{/, durationWords),
    ],
    takes(durationWords),
  )
  .describe('Seconds, or a duration such as 500ms, 30s, 2m');
const portWords = 'a port from 1 to 65535 (8000), or host:service (8000:8000)';
const port = z
  .union(
    [z.number().int().min(1, portWords).max(65535, portWords), z.string().regex(/^(\d+:)?\d+$|\$\{/, portWords)],
    takes(portWords),
  )
  .describe('Where the service listens (8000), or host:service to fix the host port (8000:8000)');

const parameterTypes = z.enum(['string', 'integer', 'boolean'], takes('string, integer or boolean'));
const parameter = z.union(
  [
    scalar,
    z.strictObject({
      default: scalar.optional().describe('Value when nobody gives one; without it the parameter must be given'),
      type: parameterTypes.optional().describe('Without it, what the default is'),
      values: list(scalar).optional().describe('The values it may take'),
      summary: text.optional().describe('One line for whoever sets it'),
    }),
  ],
  takes('a value, or a map with default, type, values, summary'),
);

const pace = {
  timeout: duration.optional().describe('How long this gate may take'),
  interval: duration.optional().describe('Pause between attempts'),
  stable: duration.optional().describe('How long it must hold before the gate opens'),
};
const probe = z.union(
  [
    z.string().describe('healthy, running, a protocol by name, or a wait-on resource such as tcp:db:5432'),
    z
      .looseObject({
        ...pace,
        port: scalar.optional().describe('Which port is asked, by name or number; main unless said'),
      })
      .describe('One probe: http, tcp, log, exec, command or a protocol by name, with its options'),
  ],
  takes('a probe by name, or a map such as { http: /health }'),
);
const probes = z.union([probe, list(probe)], takes('a probe or a list of probes'));

/** The schema of a declared key. */
const keySchemas: { readonly [T in KeyType]: z.ZodType } = {
  text,
  path,
  folder: path,
  character: z.string(takes('a text')).length(1, 'one character'),
  integer: z.number(takes('a number')).int(),
  json: z.unknown(),
  service: text,
  template: text,
  templates: mapOf(scalar),
  command: commandLine,
};

function shapeOf(keys: KeyDeclarations): Record<string, z.ZodType> {
  return Object.fromEntries(
    Object.entries(keys).map(([key, { type, required, describe }]) => {
      const schema = required ? keySchemas[type] : keySchemas[type].optional();
      return [key, describe === undefined ? schema : schema.describe(describe)];
    }),
  );
}

const seedStep = z.union(
  seedKindNames.map((kind) => z.strictObject(shapeOf(seedKinds[kind].keys))),
  takes(`a map with one of ${seedKindNames.join(', ')}`),
);
const seed = z.union(
  [
    list(seedStep),
    z.strictObject({
      after: names.optional().describe('Services whose gate the seeds wait for'),
      steps: list(seedStep).optional().describe('What is done, in this order'),
    }),
  ],
  takes('a list of steps, or a map with after and steps'),
);

const process = z.union(
  [
    z.strictObject({
      command: commandLine.describe('Program and arguments'),
      port: text.optional().describe('Variable that tells the program its port (PORT), or auto'),
      ports: mapOf(text).optional().describe('The same by port name'),
      cwd: path.optional().describe('Folder it runs in; the profile’s own unless said'),
    }),
    z.strictObject({ run: text.describe('A server that the embedded engine knows') }),
  ],
  takes('a map with a command, or with run'),
);

/** envctl's words of a service; all others are Compose's. */
export const serviceWords = {
  template: text.optional().describe('A ready-made service: postgres, redis, mockserver …'),
  with: mapOf(scalar.nullable()).optional().describe('Parameters of the template'),
  port: port.optional(),
  ports: z
    .union([mapOf(port.nullable()), z.array(z.unknown())], takes('a map of ports by name, or Compose’s list'))
    .optional()
    .describe('By name (envctl), or Compose’s list'),
  ready: probes.optional().describe('What must be true before dependents start'),
  seed: seed.optional().describe('What puts data in, after the gate and before dependents'),
  once: flag.optional().describe('A job: it is ready when it has exited with 0'),
  process: process.optional().describe('How to run it without Docker'),
  timeout: duration.optional().describe('How long its gate may take; 120 s unless said'),
  keep: flag.optional().describe('Whether down keeps its data'),
};

/** `null` deletes what a lower layer says. */
const nullable = (shape: Readonly<Record<string, z.ZodType>>): Record<string, z.ZodType> =>
  Object.fromEntries(Object.entries(shape).map(([key, type]) => [key, type.nullable()]));
/** Compose reads its own keys; an editor knows their names. */
const composeWords = Object.fromEntries(composeServiceKeys.map((key) => [key, z.unknown().optional()]));
const service = z
  .looseObject({ ...composeWords, ...nullable(serviceWords) }, takes('a map'))
  .describe('envctl’s words, and any of Compose’s service keys');

const profileShape = {
  $schema: text.optional(),
  name: text.optional().describe('Compose’s, for the name of the profile where the file is given with -f'),
  version: scalar.optional().describe('Compose’s, without meaning today'),
  summary: text.optional().describe('One line for lists'),
  extends: names.optional().describe('Profiles this one builds on; later ones win, this one last'),
  include: names.optional().describe('Plain Compose files, read by Compose itself; the lowest layer'),
  parameters: mapOf(parameter.nullable()).optional().describe('What may be set from outside: --set name=value'),
  services: mapOf(service.nullable()).optional().describe('By name; null deletes one of a lower layer'),
  exports: mapOf(scalar.nullable()).optional().describe('Connection facts under the names that the tests want'),
  networks: anyMap.optional().describe('Compose’s'),
  volumes: anyMap.optional().describe('Compose’s'),
  configs: anyMap.optional().describe('Compose’s'),
  secrets: anyMap.optional().describe('Compose’s'),
};
export const profileSchema = z.strictObject(profileShape).meta({ id: 'profile', title: 'envctl profile' });
export const profileKeys = Object.keys(profileShape);

const templateParameter = z.union(
  [
    scalar,
    z.strictObject({
      default: scalar.optional(),
      type: parameterTypes.optional(),
      values: list(scalar).optional(),
      secret: z.boolean(takes('true or false')).optional(),
      summary: text.optional(),
      from: names.optional().describe('Variables (or --flags) of an adopted service that say it'),
      absent: text.optional().describe('What the image does without them'),
    }),
  ],
  takes('a value, or a map with default, type, values, secret, from, absent'),
);
export const templateSchema = z.strictObject({
  $schema: text.optional(),
  summary: text,
  kind: text,
  speaks: text.optional(),
  recognises: list(text).optional(),
  serves: list(text).optional(),
  parameters: mapOf(templateParameter).optional(),
  service: anyMap,
  process: process.optional(),
  ports: mapOf(z.number(takes('a number')).int().min(1, portWords).max(65535, portWords)).optional(),
  data: list(path).optional(),
  ready: probes.optional(),
  connection: z
    .strictObject({
      url: text.optional(),
      env: mapOf(text).optional(),
      ports: mapOf(z.strictObject({ url: text })).optional(),
    })
    .optional(),
});

/** JSON Schema of a profile, for editors (draft 07, which yaml-language-server reads). */
export function profileJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(profileSchema, { target: 'draft-07', io: 'input', unrepresentable: 'any' });
  const { profile, ...others } = schema.definitions as Readonly<Record<string, object>>;
  return {
    ...schema,
    definitions: {
      ...others,
      profile: { ...profile, patternProperties: { '^x-': { description: 'Compose’s place for anchors' } } },
    },
  };
}
