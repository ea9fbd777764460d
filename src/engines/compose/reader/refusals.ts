import { EnvctlError } from '../../../model/errors.js';
import { asMap, isList, isMap, type Json } from '../../../model/json.js';
import type { Document } from '../../../model/profile.js';
import type { ProcessResult } from '../../../processes/run-process.js';
import { positionIn } from './adopt.js';
import type { FileCopy } from './copies.js';

type ComposeKeyPath = readonly (string | number)[];

export interface ComposeInput {
  readonly copies: readonly FileCopy[];
  readonly documents: readonly Document[];
}

/** Throws if Compose refused the files, and if it only warned of a missing variable and used an empty string. */
export function refuseResult(result: ProcessResult, { copies, documents }: ComposeInput): void {
  const output = copies.reduce((text, { copy, original }) => text.replaceAll(copy, original), result.stderr);
  if (result.end === 'timed out') {
    throw new EnvctlError('COMPOSE_REFUSED', 'Docker Compose did not finish reading these files in time', {
      hint: 'Check the files for anchors that multiply. `docker compose config` shows how long it takes.',
    });
  }
  const missing =
    /The \\"([^"\\]+)\\" variable is not set/.exec(output)?.[1] ??
    /required variable (\S+) is missing a value/.exec(output)?.[1];
  if (missing !== undefined) throw variableMissing(missing, output, documents);
  if (result.exitCode !== 0) throw refused(output, documents);
}

function variableMissing(name: string, output: string, documents: readonly Document[]): EnvctlError {
  const reason = /is missing a value: (.+)/.exec(output)?.[1];
  const use = new RegExp(`\\$(\\{)?${name.replaceAll(/[^A-Za-z0-9_]/g, '.')}\\b`);
  const [position] = documents.flatMap((document) =>
    stringsIn(document.value, [])
      .filter(({ text }) => use.test(text))
      .map(({ path }) => document.position(path)),
  );
  return new EnvctlError(
    'VARIABLE_MISSING',
    `The variable ${name} is not set${reason === undefined ? '' : `: ${reason}`}`,
    {
      hint: `Set it (\`export ${name}=…\`, or in .env next to the file), or use a default: \${${name}:-value}.`,
      ...(position === undefined ? {} : { position }),
    },
  );
}

function refused(output: string, documents: readonly Document[]): EnvctlError {
  const detail = output
    .split('\n')
    .filter((line) => !/level=warning/.test(line) && !/^decoding failed/.test(line))
    .join('\n')
    .trim();
  const message = detail.replace(/^validating \S+: /, '');
  const path = keyPathIn(message, documents);
  return new EnvctlError(
    'COMPOSE_REFUSED',
    `Docker Compose refuses this file: ${message.split('\n')[0] || 'no reason given'}`,
    {
      hint:
        '`docker compose config` reports the same error. ' +
        'See https://docs.docker.com/reference/compose-file/ for the form of every key.',
      detail,
      ...(path?.[0] === 'services' && path[1] !== undefined ? { service: String(path[1]) } : {}),
      ...(path === null ? {} : { position: positionIn(documents, path) }),
    },
  );
}

/** The key in a message of Compose: `services.a.ports.0`, `services[a].ports`, `service "a" …`. Null: none. */
function keyPathIn(message: string, documents: readonly Document[]): ComposeKeyPath | null {
  const extraKey = /Additional property (\S+) is not allowed/.exec(message)?.slice(1, 2) ?? [];
  const service = /\bservice "([^"]+)"/.exec(message)?.[1];
  const match = /\b(services|networks|volumes|configs|secrets)[.[]([^\s':]+)/.exec(message);
  if (match === null) {
    if (service !== undefined) return ['services', service];
    return extraKey.length > 0 ? extraKey : null;
  }
  const [, section = '', rest = ''] = match;
  const name = longestNameIn(rest, section, documents);
  if (name === undefined) return [section, ...extraKey];
  const keys = rest
    .slice(name.length)
    .split(/[.[\]]+/)
    .filter((key) => key !== '');
  return [section, name, ...keys.map((key) => (/^\d+$/.test(key) ? Number(key) : key)), ...extraKey];
}

/** The longest name in a section that `text` starts with: names may contain dots. */
function longestNameIn(text: string, section: string, documents: readonly Document[]): string | undefined {
  const names = documents.flatMap(({ value }) => Object.keys(asMap(value[section])));
  return names
    .filter((name) => text.startsWith(name) && ['', '.', ']'].includes(text.charAt(name.length)))
    .sort((a, b) => b.length - a.length)[0];
}

function stringsIn(
  value: Json,
  path: ComposeKeyPath,
): readonly { readonly path: ComposeKeyPath; readonly text: string }[] {
  if (typeof value === 'string') return [{ path, text: value }];
  if (isList(value)) return value.flatMap((item, index) => stringsIn(item, [...path, index]));
  if (!isMap(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => (key === 'x-envctl' ? [] : stringsIn(inner, [...path, key])));
}
