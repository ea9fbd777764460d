/** The schemas of single values. Their messages complete `Expected …`. */
import * as z from 'zod';
import type { KeyDeclarations, KeyType } from '../profile/keys.js';

export const expects = (value: string): { readonly error: string } => ({ error: value });

export const text = z.string(expects('a string'));
export const scalar = z.union([z.string(), z.number(), z.boolean()], expects('a string, a number, true or false'));
const reference = z.string().regex(/\$\{/, 'true or false').describe('A reference such as ${parameters.name}');
export const flag = z.union([z.boolean(), reference], expects('true or false'));
export const names = z.union([z.string(), z.array(z.string())], expects('a name or a list of names'));
export const commandLine = z.union([z.string(), z.array(scalar)], expects('a command line or a list of arguments'));
export const path = z.string(expects('a path'));
export const list = <T extends z.ZodType>(type: T) => z.array(type, expects('a list'));
export const mapOf = <T extends z.ZodType>(type: T) => z.record(z.string(), type, expects('a map'));
export const anyMap = mapOf(z.unknown());

const durationText = 'a duration: seconds, or 500ms, 30s, 2m';
export const duration = z
  .union(
    [
      z.number().nonnegative(),
      z.string().regex(/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$|^\d+(\.\d+)?$|\$\{/, durationText),
    ],
    expects(durationText),
  )
  .describe('Seconds, or a duration such as 500ms, 30s, 2m');

const portText = 'a port from 1 to 65535 (8000), or host:service (8000:8000)';
export const portNumber = z.number(expects('a number')).int().min(1, portText).max(65535, portText);
export const port = z
  .union(
    [z.number().int().min(1, portText).max(65535, portText), z.string().regex(/^(\d+:)?\d+$|\$\{/, portText)],
    expects(portText),
  )
  .describe('Port the service listens on (8000), or host:service to fix the host port (8000:8000)');

/** The schema of a declared key, by its type. */
const keySchemas: { readonly [T in KeyType]: z.ZodType } = {
  text,
  path,
  folder: path,
  character: z.string(expects('a string')).length(1, 'one character'),
  integer: z.number(expects('a number')).int(),
  json: z.unknown(),
  service: text,
  template: text,
  templates: mapOf(scalar),
  command: commandLine,
};

/** The shape of a map with these keys. */
export function shapeOf(keys: KeyDeclarations): Record<string, z.ZodType> {
  return Object.fromEntries(
    Object.entries(keys).map(([key, { type, required, describe }]) => {
      const schema = required ? keySchemas[type] : keySchemas[type].optional();
      return [key, describe === undefined ? schema : schema.describe(describe)];
    }),
  );
}
