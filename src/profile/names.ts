/** Names that are valid in Compose, in references and as environment variables. */

import { EnvctlError } from '../model/errors.js';
import { isMap } from '../model/json.js';
import type { TemplateString } from '../model/template-text.js';
import type { Merged } from './layers/merge.js';
import { servicesOf } from './layers/merged-profile.js';
import { reservedOwners } from './references/grammar.js';
import { asText } from './references/template-text.js';
import { upperName } from './service/parameters.js';

/** Throws PROFILE_INVALID if there is no service, or one with a name that cannot be used in Compose or references. */
export function checkNames(merged: Merged): void {
  const names = Object.keys(servicesOf(merged));
  if (names.length === 0)
    throw invalid('This profile has no services', merged, { path: [], hint: 'Add at least one under `services:`.' });
  const prefixes = new Map<string, string>();
  for (const name of names) {
    const path = ['services', name];
    if (!/^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(name))
      throw invalid(`"${name}" is not a valid service name`, merged, {
        path,
        hint: 'Use letters, digits, dots, dashes and underscores, and start with a letter, digit or underscore.',
      });
    if ((reservedOwners as readonly string[]).includes(name))
      throw invalid(`A service cannot have the reserved name "${name}"`, merged, {
        path,
        hint: `References begin with it. Rename the service, for example "${name}-service".`,
      });
    const twin = prefixes.get(upperName(name));
    if (twin !== undefined)
      throw invalid(`"${twin}" and "${name}" would both be exported as ${upperName(name)}_URL`, merged, {
        path,
        hint: 'Rename one of them.',
      });
    prefixes.set(upperName(name), name);
  }
}

/** The exports the profile declares; `null` means deleted. Throws PROFILE_INVALID for a bad name. */
export function readExports(merged: Merged): Readonly<Record<string, TemplateString>> {
  const exports = isMap(merged.value.exports) ? merged.value.exports : {};
  for (const name of Object.keys(exports)) {
    if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) continue;
    throw invalid(`"${name}" is not a valid name for an environment variable`, merged, {
      path: ['exports', name],
      hint: 'Use letters, digits and underscores, and do not start with a digit.',
    });
  }
  return Object.fromEntries(
    Object.entries(exports).flatMap(([name, text]) => (text === null ? [] : [[name, asText(text)]])),
  );
}

function invalid(
  message: string,
  merged: Merged,
  { path, hint }: { path: readonly string[]; hint: string },
): EnvctlError {
  return new EnvctlError('PROFILE_INVALID', message, { hint, position: merged.position(path) });
}
