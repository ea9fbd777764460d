import { EnvctlError, nearest, suggest } from '../model/errors.js';
import type { Json, JsonMap } from '../model/json.js';
import { isMap } from '../model/json.js';
import type { Document } from '../model/profile.js';
import { composeServiceKeys } from './compose-keys.js';
import { profileKeys, profileSchema, serviceWords, templateSchema } from './schema.js';
import { explain } from './schema-error.js';

/** A document has the shape of a profile, and no service key is a near miss. Throws PROFILE_INVALID at the first offence. */
export function validateProfile(document: Document): void {
  check(document, withoutExtensions(document.value), { schema: profileSchema, keys: profileKeys });
  checkServiceKeys(document);
}

export function validateTemplate(document: Document): void {
  check(document, document.value, { schema: templateSchema, keys: Object.keys(templateSchema.shape) });
}

/** Top-level keys of Compose that mean nothing to us. */
const composeTopKeys: readonly string[] = ['models'];

/** Compose has checked its own words; ours, which it did not see, are checked as in any profile. */
export function validateComposeWords(document: Document): void {
  const services = isMap(document.value.services) ? document.value.services : {};
  const isOwn = ([key, value]: readonly [string, Json]): boolean =>
    Object.hasOwn(serviceWords, key) && !(key === 'ports' && Array.isArray(value));
  const own = Object.entries(services).map(
    ([name, service]) =>
      [name, Object.fromEntries(Object.entries(isMap(service) ? service : {}).filter(isOwn))] as const,
  );
  const top = Object.entries(withoutExtensions(document.value)).filter(([key]) => !composeTopKeys.includes(key));
  check(
    document,
    { ...Object.fromEntries(top), services: Object.fromEntries(own) },
    { schema: profileSchema, keys: profileKeys },
  );
  checkServiceKeys(document);
}

const withoutExtensions = (value: JsonMap): JsonMap =>
  Object.fromEntries(Object.entries(value).filter(([key]) => !key.startsWith('x-')));

const known = [...Object.keys(serviceWords), ...composeServiceKeys];

/** A key within two edits of a known one is a slip; any other is passed on to Compose. */
function checkServiceKeys(document: Document): void {
  const services = isMap(document.value.services) ? document.value.services : {};
  for (const [name, service] of Object.entries(services)) {
    for (const key of isMap(service) ? Object.keys(service) : []) {
      const near = known.includes(key) || key.startsWith('x-') ? undefined : nearest(key, known);
      if (near === undefined) continue;
      throw new EnvctlError('PROFILE_INVALID', `service "${name}" has an unknown key "${key}"`, {
        hint: `Did you mean "${near}"?`,
        position: document.position(['services', name, key]),
      });
    }
  }
}

function check(
  document: Document,
  value: JsonMap,
  { schema, keys }: { readonly schema: typeof profileSchema | typeof templateSchema; readonly keys: readonly string[] },
): void {
  const result = schema.safeParse(value);
  const [issue] = result.error?.issues ?? [];
  if (!issue) return;
  const { path, text, hint } = explain(issue, value, keys);
  throw new EnvctlError('PROFILE_INVALID', text, {
    hint: hint || suggest('', keys),
    position: document.position(path),
  });
}
