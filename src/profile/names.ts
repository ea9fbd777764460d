/** Names that Compose, references and environment variables can carry. */

import { EnvctlError } from '../model/errors.js';
import { isMap } from '../model/json.js';
import type { TemplateString } from '../model/template-text.js';
import type { Merged } from './layers/merge.js';
import { servicesOf } from './layers/merged-profile.js';
import { reservedOwners } from './references/grammar.js';
import { asText } from './references/template-text.js';
import { upperName } from './service/parameters.js';

/** At least one service, with names that Compose and references can carry. */
export function checkNames(merged: Merged): void {
  const names = Object.keys(servicesOf(merged));
  if (names.length === 0)
    throw invalid('this profile has no services', merged, { path: [], hint: 'Add at least one under `services:`.' });
  const prefixes = new Map<string, string>();
  for (const name of names) {
    const path = ['services', name];
    if (!/^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(name))
      throw invalid(`"${name}" cannot be the name of a service`, merged, {
        path,
        hint: 'Use letters, digits, dots, dashes and underscores, and begin with none of the dots and dashes.',
      });
    if ((reservedOwners as readonly string[]).includes(name))
      throw invalid(`a service may not be called "${name}", because references begin with it`, merged, {
        path,
        hint: `Rename it, for example "${name}-service".`,
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

/** The profile's own exports; one that is `null` was deleted. */
export function readExports(merged: Merged): Readonly<Record<string, TemplateString>> {
  const exports = isMap(merged.value.exports) ? merged.value.exports : {};
  for (const name of Object.keys(exports)) {
    if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) continue;
    throw invalid(`"${name}" cannot be the name of an environment variable`, merged, {
      path: ['exports', name],
      hint: 'Use letters, digits and underscores, not beginning with a digit.',
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
