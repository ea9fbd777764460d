/** One entry of `ready`. */

import { EnvctlError, suggest } from '../../model/errors.js';
import { isMap, type TemplateMap, type TemplateTree } from '../../model/json.js';
import type { DeclaredProbe, Port } from '../../model/service.js';
import { isTemplateText, type Position, type TemplateString } from '../../model/template-text.js';
import { commandArguments } from '../references/rewrite.js';
import { displayText } from '../references/template-text.js';
import type { ProtocolWords } from '../resolve-input.js';
import { isScalar } from './parameters.js';

export interface ProbeContext {
  readonly protocols: ProtocolWords;
  readonly ports: Readonly<Record<string, Port>>;
  /** Where a key of this entry was written. */
  readonly at: (...path: readonly (string | number)[]) => Position;
}

const settings = ['timeout', 'interval', 'stable', 'port'];
const ownKinds = ['log', 'exec', 'command'];

/** Throws PROFILE_INVALID at the word that is wrong. */
export function readProbe(entry: TemplateTree, context: ProbeContext): DeclaredProbe {
  if (typeof entry === 'string' || isTemplateText(entry)) return wordProbe(entry, context);
  if (!isMap(entry)) throw refuse('a probe is a word, a resource or a map', context);
  const kinds = Object.keys(entry).filter((key) => ownKinds.includes(key) || Object.hasOwn(context.protocols, key));
  const [kind, second] = kinds;
  if (kind === undefined) throw unknownProbe(Object.keys(entry), context);
  if (second !== undefined)
    throw refuse(`${kinds.join(' and ')} stand in one probe`, context, {
      at: second,
      hint: 'Make it a list: ready: [{ … }, { … }].',
    });
  return ownKinds.includes(kind) ? ownProbe(kind, entry, context) : protocolProbe(kind, entry, context);
}

/** `healthy`, `running`, a protocol's name, or a resource string of wait-on (github.com/jeffbski/wait-on). */
function wordProbe(resource: TemplateString, context: ProbeContext): DeclaredProbe {
  const word = displayText(resource);
  if (word === 'healthy' || word === 'running') return { kind: word };
  if (/^[a-z-]+:/.test(word)) return { kind: 'protocol', protocol: 'wait-on', port: 'main', options: { resource } };
  if (Object.hasOwn(context.protocols, word))
    return checkPort({ kind: 'protocol', protocol: word, port: 'main', options: {} }, context);
  throw unknownProbe([word], context);
}

function ownProbe(kind: string, entry: TemplateMap, context: ProbeContext): DeclaredProbe {
  refuseOptions(kind, Object.keys(entry), {
    known: ['times', ...settings, kind].filter((name) => kind === 'log' || name !== 'times'),
    at: (name) => context.at(name),
  });
  const value = entry[kind] ?? null;
  if (kind === 'log') return logProbe(value, entry.times, context);
  const words = Array.isArray(value) ? value : [value];
  const list = words.every((one) => isScalar(one) || isTemplateText(one)) ? commandArguments(value) : [];
  if (list.length === 0)
    throw refuse(`"${kind}" has no command`, context, { at: kind, hint: 'Write a command line, or a list of words.' });
  return { kind: kind === 'exec' ? 'exec' : 'command', argv: list };
}

function logProbe(value: TemplateTree, times: TemplateTree | undefined, context: ProbeContext): DeclaredProbe {
  if (!isScalar(value) || value === '') throw refuse('"log" takes a regular expression', context, { at: 'log' });
  if (times !== undefined && !(typeof times === 'number' && Number.isInteger(times) && times > 0))
    throw refuse(`"times" is "${displayText(times)}", and takes a number from 1`, context, { at: 'times' });
  try {
    new RegExp(String(value), 'u');
  } catch (error) {
    throw refuse(`"${value}" is not a regular expression: ${(error as Error).message}`, context, {
      at: 'log',
      hint: 'A plain character such as . or ( is written with a backslash before it.',
    });
  }
  return { kind: 'log', pattern: String(value), times: times ?? 1 };
}

/** `http: /health/` is short for `http: { path: /health/ }`; its other options may stand beside it. */
function protocolProbe(kind: string, entry: TemplateMap, context: ProbeContext): DeclaredProbe {
  const known = context.protocols[kind]?.options ?? [];
  const { [kind]: value = null, ...beside } = entry;
  if (value !== null && !isMap(value) && known.length === 0)
    throw refuse(`the probe "${kind}" takes nothing`, context, { at: kind, hint: `Write \`ready: ${kind}\`.` });
  const inner = isMap(value) ? value : value === null ? {} : { [known[0] ?? 'path']: value };
  const options: Record<string, TemplateTree> = { ...inner, ...beside };
  refuseOptions(kind, Object.keys(options), {
    known: [...known, ...settings],
    at: (name) => (Object.hasOwn(beside, name) ? context.at(name) : context.at(kind, name)),
  });
  const port = options.port === undefined ? 'main' : displayText(options.port);
  for (const setting of settings) delete options[setting];
  return checkPort({ kind: 'protocol', protocol: kind, port: portName(port, context.ports), options }, context);
}

/** A port is named, or meant by its number. */
const portName = (port: string, ports: Readonly<Record<string, Port>>): string =>
  Object.hasOwn(ports, port)
    ? port
    : (Object.entries(ports).find(([, one]) => String(one.inside) === port)?.[0] ?? port);

function checkPort(probe: Extract<DeclaredProbe, { kind: 'protocol' }>, context: ProbeContext): DeclaredProbe {
  if (Object.hasOwn(context.ports, probe.port)) return probe;
  const message =
    probe.port === 'main'
      ? `the probe "${probe.protocol}" needs a port, and this service has none`
      : `this service has no port "${probe.port}"`;
  const known = Object.keys(context.ports);
  throw refuse(message, context, {
    hint: known.length > 0 ? `Ports here: ${known.join(', ')}.` : 'Say where it listens: port: 8000.',
  });
}

function refuseOptions(
  kind: string,
  given: readonly string[],
  { known, at }: { known: readonly string[]; at: (name: string) => Position },
): void {
  const unknown = given.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new EnvctlError('PROFILE_INVALID', `the probe "${kind}" has no option "${unknown}"`, {
    hint: suggest(unknown, known),
    position: at(unknown),
  });
}

function unknownProbe(keys: readonly string[], context: ProbeContext): EnvctlError {
  const known = [
    ...ownKinds,
    'healthy',
    'running',
    ...Object.keys(context.protocols).filter((name) => name !== 'wait-on'),
  ];
  const word = keys.find((key) => !settings.includes(key)) ?? '';
  return refuse(`"${word}" is not a probe`, context, { at: word, hint: suggest(word, known) });
}

function refuse(
  message: string,
  context: ProbeContext,
  { at, hint }: { readonly at?: string; readonly hint?: string } = {},
): EnvctlError {
  const position = at === undefined || at === '' ? context.at() : context.at(at);
  return new EnvctlError('PROFILE_INVALID', message, {
    hint: hint ?? 'See `ready` in the README: http, tcp, log, exec, command, healthy, or a protocol.',
    position,
  });
}
