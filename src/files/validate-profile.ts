import type { z } from 'zod';
import { EnvctlError, nearest, suggest } from '../model/errors.js';
import { asMap, type Json, type JsonMap } from '../model/json.js';
import type { Document } from '../model/profile.js';
import { composeServiceKeys } from './compose-keys.js';
import { profileSchema } from './schema.js';
import { keysAt, schemaError } from './schema-error.js';
import { ownServiceKeys } from './service-schema.js';
import { templateSchema } from './template-keys.js';

/** Checks a profile against its schema and its service keys for near misses. Throws PROFILE_INVALID. */
export function validateProfile(document: Document): void {
  check(document, withoutExtensions(document.value), profileSchema);
  checkServiceKeys(document);
}

export function validateTemplate(document: Document): void {
  check(document, document.value, templateSchema);
}

/** Top-level keys of Compose that envctl does not use. */
const ignoredComposeKeys: readonly string[] = ['models'];

/** Checks envctl's keys in a Compose file; Compose has checked its own. Throws PROFILE_INVALID. */
export function validateComposeFile(document: Document): void {
  const isOwn = ([key, value]: readonly [string, Json]): boolean =>
    Object.hasOwn(ownServiceKeys, key) && !(key === 'ports' && Array.isArray(value));
  const own = Object.entries(asMap(document.value.services)).map(
    ([name, service]) => [name, Object.fromEntries(Object.entries(asMap(service)).filter(isOwn))] as const,
  );
  const top = Object.entries(withoutExtensions(document.value)).filter(([key]) => !ignoredComposeKeys.includes(key));
  check(document, { ...Object.fromEntries(top), services: Object.fromEntries(own) }, profileSchema);
  checkServiceKeys(document);
}

const withoutExtensions = (value: JsonMap): JsonMap =>
  Object.fromEntries(Object.entries(value).filter(([key]) => !key.startsWith('x-')));

const knownKeys = [...Object.keys(ownServiceKeys), ...composeServiceKeys];

/** A key within two edits of a known one is a typo; any other is passed to Compose. */
function checkServiceKeys(document: Document): void {
  for (const [name, service] of Object.entries(asMap(document.value.services))) {
    for (const key of Object.keys(asMap(service))) {
      const near = knownKeys.includes(key) || key.startsWith('x-') ? undefined : nearest(key, knownKeys);
      if (near === undefined) continue;
      throw new EnvctlError('PROFILE_INVALID', `Service "${name}" has an unknown key "${key}"`, {
        hint: `Did you mean "${near}"?`,
        position: document.position(['services', name, key]),
      });
    }
  }
}

function check(document: Document, value: JsonMap, schema: z.ZodType): void {
  const [issue] = schema.safeParse(value).error?.issues ?? [];
  if (!issue) return;
  const { path, message, hint } = schemaError(issue, value, schema);
  throw new EnvctlError('PROFILE_INVALID', message, {
    hint: hint || suggest('', keysAt(schema, [])),
    position: document.position(path),
  });
}
