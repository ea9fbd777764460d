/** The schema of a profile. `profile.schema.json` is generated from it, so editors and envctl check the same. */
import * as z from 'zod';
import { composeServiceKeys } from './compose-keys.js';
import { anyMap, expects, list, mapOf, names, scalar, text } from './schema-values.js';
import { ownServiceKeys } from './service-schema.js';

export const parameterTypes = z.enum(['string', 'integer', 'boolean'], expects('string, integer or boolean'));
const parameter = z.union(
  [
    scalar,
    z.strictObject({
      default: scalar.optional().describe('Value if none is given; without it the parameter is required'),
      type: parameterTypes.optional().describe('Default: the type of `default`'),
      values: list(scalar).optional().describe('Allowed values'),
      summary: text.optional().describe('One line for the person who sets it'),
    }),
  ],
  expects('a value, or a map with default, type, values, summary'),
);

/** `null` deletes the value of a lower layer. */
const nullable = (shape: Readonly<Record<string, z.ZodType>>): Record<string, z.ZodType> =>
  Object.fromEntries(Object.entries(shape).map(([key, type]) => [key, type.nullable()]));
/** Compose checks its own keys; here they are for completion in editors. */
const composeKeys = Object.fromEntries(composeServiceKeys.map((key) => [key, z.unknown().optional()]));
const service = z
  .looseObject({ ...composeKeys, ...nullable(ownServiceKeys) }, expects('a map'))
  .describe("envctl's keys, and any of Compose's service keys");

export const profileSchema = z
  .strictObject({
    $schema: text.optional(),
    name: text.optional().describe("Compose's: the name of the profile if the file is given with -f"),
    version: scalar.optional().describe("Compose's, obsolete"),
    summary: text.optional().describe('One line for lists'),
    extends: names.optional().describe('Profiles this one builds on; later ones win, this one last'),
    include: names.optional().describe('Plain Compose files, read by Compose; the lowest layer'),
    parameters: mapOf(parameter.nullable()).optional().describe('Values that `--set name=value` can change'),
    services: mapOf(service.nullable()).optional().describe('Services by name; null deletes one of a lower layer'),
    exports: mapOf(scalar.nullable()).optional().describe('Variables for tests, filled in with connection properties'),
    networks: anyMap.optional().describe("Compose's"),
    volumes: anyMap.optional().describe("Compose's"),
    configs: anyMap.optional().describe("Compose's"),
    secrets: anyMap.optional().describe("Compose's"),
  })
  .meta({ id: 'profile', title: 'envctl profile' });

/** JSON Schema of a profile, for editors (draft 07, which yaml-language-server reads). */
export function profileJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(profileSchema, { target: 'draft-07', io: 'input', unrepresentable: 'any' });
  const { profile, ...others } = schema.definitions as Readonly<Record<string, object>>;
  return {
    ...schema,
    definitions: {
      ...others,
      profile: { ...profile, patternProperties: { '^x-': { description: 'Extension keys, for example for anchors' } } },
    },
  };
}
