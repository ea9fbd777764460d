import type { z } from 'zod';
import type { Document, JsonMap } from '../core/environment.js';
import { EnvctlError, nearest, suggest } from '../core/errors.js';
import { composeServiceKeys } from './compose-keys.js';
import { profileKeys, profileSchema, serviceWords, templateSchema } from './schema.js';

/** A document has the shape of a profile, and no service key is a near miss. Throws PROFILE_INVALID at the first offence. */
export function validateProfile(document: Document): void {
  check(document, profileSchema, profileKeys);
  const services = document.value.services;
  for (const [name, service] of Object.entries((services ?? {}) as JsonMap)) checkServiceKeys(document, name, service as JsonMap | null);
}

export function validateTemplate(document: Document): void {
  check(document, templateSchema, Object.keys(templateSchema.shape));
}

const known = [...Object.keys(serviceWords), ...composeServiceKeys];

/** A key within two edits of a known one is a slip; any other is passed on to Compose. */
function checkServiceKeys(document: Document, name: string, service: JsonMap | null): void {
  for (const key of Object.keys(service ?? {})) {
    if (known.includes(key) || key.startsWith('x-')) continue;
    const near = nearest(key, known);
    if (near === undefined) continue;
    throw refuse(document, ['services', name, key], { message: `service "${name}" has an unknown key "${key}"`, hint: `Did you mean "${near}"?` });
  }
}

function check(document: Document, schema: z.ZodType, topKeys: readonly string[]): void {
  const result = schema.safeParse(document.value);
  if (result.success) return;
  const [issue] = result.error.issues;
  if (!issue) return;
  const { path, text, hint } = explain(issue, topKeys);
  throw refuse(document, path, { message: text, hint });
}

type Issue = z.core.$ZodIssue;
interface Explained {
  readonly path: readonly (string | number)[];
  readonly text: string;
  readonly hint: string;
}

/** For a union the branch that came furthest tells most. */
function explain(issue: Issue, topKeys: readonly string[], base: readonly (string | number)[] = []): Explained {
  const path = [...base, ...issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key))];
  if (issue.code === 'invalid_union') {
    const deepest = issue.errors.flat().sort((a, b) => weight(b) - weight(a))[0];
    if (deepest && (deepest.path.length > 0 || deepest.code === 'unrecognized_keys')) return explain(deepest, topKeys, path);
    return { path, text: `"${path.at(-1) ?? ''}" has a value of the wrong type`, hint: 'The README’s table of keys says what it takes; an editor with the schema does too.' };
  }
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    return { path: [...path, key], text: `unknown key "${key}"`, hint: path.length === 0 ? suggest(key, topKeys) : hintForKey(key, path) };
  }
  return { path, text: `"${path.join('.')}": ${issue.message.charAt(0).toLowerCase()}${issue.message.slice(1)}`, hint: 'envctl schema prints what may stand here.' };
}

const weight = (issue: Issue): number => issue.path.length * 2 + (issue.code === 'unrecognized_keys' ? 1 : 0);

function hintForKey(key: string, path: readonly (string | number)[]): string {
  const words: Readonly<Record<string, readonly string[]>> = {
    seed: ['after', 'steps', 'sql', 'csv', 'table', 'delimiter', 'redis', 'stubs', 'http', 'method', 'headers', 'body', 'json', 'file', 'status', 'exec', 'in', 'run', 'cwd'],
    parameters: ['default', 'type', 'values', 'summary'],
    process: ['command', 'port', 'ports', 'cwd', 'run'],
  };
  const place = path.find((part) => typeof part === 'string' && part in words);
  return suggest(key, words[String(place)] ?? []);
}

function refuse(document: Document, path: readonly (string | number)[], { message, hint }: { message: string; hint: string }): EnvctlError {
  return new EnvctlError('PROFILE_INVALID', message, { hint, position: document.position(path) });
}
