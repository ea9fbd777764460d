import { EnvctlError } from '../../../model/errors.js';
import { asMap, isList, isMap, type Json } from '../../../model/json.js';
import type { Document, Position } from '../../../model/profile.js';
import type { ProcessResult } from '../../../processes/run-process.js';
import { positionIn } from './adopt.js';
import type { Copy } from './copies.js';

export interface Words {
  readonly result: ProcessResult;
  readonly copies: readonly Copy[];
  readonly documents: readonly Document[];
}

type Path = readonly (string | number)[];

/** Our references cannot stand among Compose's own words: it would take them for variables it cannot read. */
export function refuseReferences(document: Document): void {
  for (const { path, text } of strings(document.value, [])) {
    const found = /\$\{[A-Za-z0-9_-]+\.[^}]*\}/.exec(text.replaceAll('$$', '\0\0'));
    if (found === null) continue;
    throw new EnvctlError('PROFILE_INVALID', `${found[0]} is a reference of envctl's, and Compose cannot read it`, {
      hint: `Write it under \`x-envctl:\`, as \`$${found[0]}\`, so that the file stays one for Compose: x-envctl: { environment: { … } }.`,
      position: document.position(path),
    });
  }
}

/** What Compose refused, at our line; what it only warned of and went on with an empty string. */
export function refuseResult({ result, copies, documents }: Words): void {
  const told = copies.reduce((text, { copy, original }) => text.replaceAll(copy, original), result.stderr);
  if (result.end === 'timed out') {
    throw new EnvctlError('COMPOSE_REFUSED', 'Docker Compose did not finish reading these files in time', {
      hint: 'Look for anchors that multiply; `docker compose config` shows how long it takes.',
    });
  }
  const missing =
    /The \\"([^"\\]+)\\" variable is not set/.exec(told)?.[1] ??
    /required variable (\S+) is missing a value/.exec(told)?.[1];
  if (missing !== undefined) throw variableMissing(missing, told, documents);
  if (result.exitCode !== 0) throw refused(told, documents);
}

function variableMissing(name: string, told: string, documents: readonly Document[]): EnvctlError {
  const reason = /is missing a value: (.+)/.exec(told)?.[1];
  const use = new RegExp(`\\$(\\{)?${name.replaceAll(/[^A-Za-z0-9_]/g, '.')}\\b`);
  const found = documents.flatMap((document) =>
    strings(document.value, [])
      .filter(({ text }) => use.test(text))
      .map(({ path }) => document.position(path)),
  );
  return new EnvctlError(
    'VARIABLE_MISSING',
    `The variable ${name} is not set${reason === undefined ? '' : `: ${reason}`}`,
    {
      hint: `Set it (\`export ${name}=…\`, or in the .env beside the file), or give it a default: \${${name}:-value}.`,
      ...(found[0] === undefined ? {} : { position: found[0] }),
    },
  );
}

function refused(told: string, documents: readonly Document[]): EnvctlError {
  const words = told
    .split('\n')
    .filter((line) => !/level=warning/.test(line) && !/^decoding failed/.test(line))
    .join('\n')
    .trim();
  const said = words.replace(/^validating \S+: /, '');
  const path = pathIn(said, documents);
  const position: Position | undefined = path === null ? undefined : positionIn(documents, path);
  const service = path?.[0] === 'services' && path[1] !== undefined ? { service: String(path[1]) } : {};
  return new EnvctlError(
    'COMPOSE_REFUSED',
    `Docker Compose refuses this file: ${said.split('\n')[0] || 'it gave no reason'}`,
    {
      hint: '`docker compose config` says the same; https://docs.docker.com/reference/compose-file/ has the form of every key.',
      detail: words,
      ...service,
      ...(position === undefined ? {} : { position }),
    },
  );
}

/** `services.a.ports.0`, `services[a].ports`, `service "a" …`, with the key it complains of; null: no place is named. */
function pathIn(words: string, documents: readonly Document[]): Path | null {
  const extra = /Additional property (\S+) is not allowed/.exec(words)?.[1];
  const more = extra === undefined ? [] : [extra];
  const quoted = /\bservice "([^"]+)"/.exec(words)?.[1];
  const place = /\b(services|networks|volumes|configs|secrets)[.[]([^\s':]+)/.exec(words);
  if (place === null) return quoted === undefined ? (extra === undefined ? null : [extra]) : ['services', quoted];
  const [, section = '', rest = ''] = place;
  const names = documents.flatMap(({ value }) => Object.keys(asMap(value[section])));
  const name = names
    .filter((each) => new RegExp(`^${each.replaceAll(/[.]/g, '\\.')}([.\\]]|$)`).test(rest))
    .sort((a, b) => b.length - a.length)[0];
  if (name === undefined) return [section, ...more];
  const keys = rest
    .slice(name.length)
    .split(/[.[\]]+/)
    .filter((key) => key !== '');
  return [section, name, ...keys.map((key) => (/^\d+$/.test(key) ? Number(key) : key)), ...more];
}

function strings(value: Json, path: Path): readonly { readonly path: Path; readonly text: string }[] {
  if (typeof value === 'string') return [{ path, text: value }];
  if (isList(value)) return value.flatMap((item, index) => strings(item, [...path, index]));
  if (!isMap(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => (key === 'x-envctl' ? [] : strings(inner, [...path, key])));
}
