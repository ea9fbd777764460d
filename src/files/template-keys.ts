/** The keys of a template file: the schema and the reading of each, in one place. */
import * as z from 'zod';
import { asMap, type Json } from '../model/json.js';
import type { Document, Template } from '../model/profile.js';
import type { TemplateString } from '../model/template-text.js';
import { connectionOwners } from '../profile/references/grammar.js';
import { parseReferences } from '../profile/references/template-text.js';
import { readParameter, strings } from '../profile/service/parameters.js';
import { parameterTypes } from './schema.js';
import { anyMap, expects, list, mapOf, names, path, portNumber, scalar, text } from './schema-values.js';
import { probes, processSchema } from './service-schema.js';

interface TemplateKey<T> {
  readonly schema: z.ZodType;
  /** The value of a key that passed the schema; undefined: it is left out. */
  readonly read: (value: Json | undefined, document: Document) => T;
}

const parameter = z.union(
  [
    scalar,
    z.strictObject({
      default: scalar.optional(),
      type: parameterTypes.optional(),
      values: list(scalar).optional(),
      secret: z.boolean(expects('true or false')).optional(),
      summary: text.optional(),
      from: names.optional().describe('Variables (or --flags) of an adopted service that set it'),
      absent: text.optional().describe("The image's default if none of them is set"),
    }),
  ],
  expects('a value, or a map with default, type, values, secret, from, absent'),
);

type TemplateContent = Omit<Template, 'name' | 'document'>;

/** A new key is one entry here and its type in `Template`. */
const templateKeys: { readonly [K in keyof TemplateContent]: TemplateKey<TemplateContent[K]> } = {
  summary: { schema: text, read: String },
  kind: { schema: text, read: String },
  speaks: { schema: text.optional(), read: textOrNull },
  recognises: { schema: list(text).optional(), read: strings },
  serves: { schema: list(text).optional(), read: strings },
  parameters: {
    schema: mapOf(parameter).optional(),
    read: (value) => mapValues(value, (entry) => readParameter(entry)),
  },
  service: { schema: anyMap, read: asMap },
  process: { schema: processSchema.optional(), read: (value) => (value === undefined ? null : asMap(value)) },
  ports: { schema: mapOf(portNumber).optional(), read: (value) => mapValues(value, Number) },
  data: { schema: list(path).optional(), read: strings },
  ready: { schema: probes.optional(), read: (value) => value ?? null },
  connection: {
    schema: z
      .strictObject({
        url: text.optional(),
        env: mapOf(text).optional(),
        ports: mapOf(z.strictObject({ url: text })).optional(),
      })
      .optional(),
    read: readConnection,
  },
};

export const templateSchema = z.strictObject({
  $schema: text.optional(),
  ...Object.fromEntries(Object.entries(templateKeys).map(([key, { schema }]) => [key, schema])),
});

/** The keys of a template that passed the schema. */
export function readTemplateKeys(document: Document): TemplateContent {
  const entries = Object.entries(templateKeys).map(([key, { read }]) => [key, read(document.value[key], document)]);
  return Object.fromEntries(entries) as TemplateContent;
}

function readConnection(value: Json | undefined, document: Document): Template['connection'] {
  const { url, env, ports } = asMap(value);
  const text = (written: Json | undefined, ...path: readonly string[]): TemplateString =>
    parseReferences(String(written), {
      owners: connectionOwners,
      position: document.position(['connection', ...path]),
    });
  return {
    url: url === undefined ? null : text(url, 'url'),
    env: mapValues(env, (variable, key) => text(variable, 'env', key)),
    ports: mapValues(ports, (port, key) => text(asMap(port).url, 'ports', key, 'url')),
  };
}

function textOrNull(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

function mapValues<T>(value: Json | undefined, read: (entry: Json, key: string) => T): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(asMap(value)).map(([key, entry]) => [key, read(entry, key)]));
}
