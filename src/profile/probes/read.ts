/** Reads one entry of `ready`. */
import { EnvctlError, suggest } from '../../model/errors.js';
import { isMap, type TemplateMap, type TemplateTree } from '../../model/json.js';
import type { DeclaredProbe, Port, ProbeKind } from '../../model/service.js';
import { isTemplateText, type Position, type TemplateString } from '../../model/template-text.js';
import { displayText } from '../references/template-text.js';
import type { ProtocolWords } from '../resolve-input.js';
import { probeKinds, probeKindsOfForm } from './kinds.js';

export interface ProbeContext {
  readonly protocols: ProtocolWords;
  readonly ports: Readonly<Record<string, Port>>;
  /** Names of all services of the profile. */
  readonly services: readonly string[];
  /** Position of a key of this entry. */
  readonly at: (...path: readonly (string | number)[]) => Position;
}

/** Keys of every probe; all but `port` belong to the gate. */
const commonKeys = ['timeout', 'interval', 'stable', 'port'];

/** Throws PROFILE_INVALID at the wrong key. */
export function readProbe(entry: TemplateTree, context: ProbeContext): DeclaredProbe {
  if (typeof entry === 'string' || isTemplateText(entry)) return namedProbe(entry, context);
  if (!isMap(entry)) throw refuse('A probe must be a name, a wait-on resource or a map', context);
  const kinds = Object.keys(entry).filter((key) => isMapKind(key) || Object.hasOwn(context.protocols, key));
  const [kind, second] = kinds;
  if (kind === undefined) throw unknownProbe(Object.keys(entry), context);
  if (second !== undefined)
    throw refuse(`One probe cannot have both "${kind}" and "${second}"`, context, {
      at: second,
      hint: 'Make it a list: `ready: [{ … }, { … }]`.',
    });
  return isMapKind(kind) ? mapProbe(kind, entry, context) : protocolProbe(kind, entry, context);
}

const isMapKind = (key: string): key is ProbeKind => probeKindsOfForm('map').some((kind) => kind === key);
const isNameKind = (name: string): name is ProbeKind => probeKindsOfForm('name').some((kind) => kind === name);

/** The name of a kind or of a protocol, or a resource string of wait-on (github.com/jeffbski/wait-on). */
function namedProbe(resource: TemplateString, context: ProbeContext): DeclaredProbe {
  const name = displayText(resource);
  if (isNameKind(name)) return { kind: name } as DeclaredProbe;
  if (/^[a-z-]+:/.test(name)) return { kind: 'protocol', protocol: 'wait-on', port: 'main', options: { resource } };
  if (Object.hasOwn(context.protocols, name))
    return checkPort({ kind: 'protocol', protocol: name, port: 'main', options: {} }, context);
  throw unknownProbe([name], context);
}

function mapProbe(kind: ProbeKind, entry: TemplateMap, context: ProbeContext): DeclaredProbe {
  const { keys, read } = probeKinds[kind];
  refuseOptions(kind, Object.keys(entry), {
    known: [...Object.keys(keys), ...commonKeys],
    at: (name) => context.at(name),
  });
  return { kind, ...read(entry, context) } as DeclaredProbe;
}

/** `http: /health/` is short for `http: { path: /health/ }`; its other options may be next to it. */
function protocolProbe(kind: string, entry: TemplateMap, context: ProbeContext): DeclaredProbe {
  const known = context.protocols[kind]?.options ?? [];
  const { [kind]: value = null, ...others } = entry;
  if (value !== null && !isMap(value) && known.length === 0)
    throw refuse(`Probe "${kind}" takes no value`, context, { at: kind, hint: `Write \`ready: ${kind}\`.` });
  const inner = isMap(value) ? value : value === null ? {} : { [known[0] ?? 'path']: value };
  const options: Record<string, TemplateTree> = { ...inner, ...others };
  refuseOptions(kind, Object.keys(options), {
    known: [...known, ...commonKeys],
    at: (name) => (Object.hasOwn(others, name) ? context.at(name) : context.at(kind, name)),
  });
  const port = options.port === undefined ? 'main' : displayText(options.port);
  for (const key of commonKeys) delete options[key];
  return checkPort({ kind: 'protocol', protocol: kind, port: portName(port, context.ports), options }, context);
}

/** A port is given by its name or its number. */
const portName = (port: string, ports: Readonly<Record<string, Port>>): string =>
  Object.hasOwn(ports, port)
    ? port
    : (Object.entries(ports).find(([, one]) => String(one.inside) === port)?.[0] ?? port);

function checkPort(probe: Extract<DeclaredProbe, { kind: 'protocol' }>, context: ProbeContext): DeclaredProbe {
  if (Object.hasOwn(context.ports, probe.port)) return probe;
  const message =
    probe.port === 'main'
      ? `Probe "${probe.protocol}" needs a port, but the service has none`
      : `The service has no port "${probe.port}"`;
  const known = Object.keys(context.ports);
  throw refuse(message, context, {
    hint: known.length > 0 ? `Ports here: ${known.join(', ')}.` : 'Add the port it listens on: `port: 8000`.',
  });
}

function refuseOptions(
  kind: string,
  given: readonly string[],
  { known, at }: { known: readonly string[]; at: (name: string) => Position },
): void {
  const unknown = given.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new EnvctlError('PROFILE_INVALID', `Probe "${kind}" has no option "${unknown}"`, {
    hint: suggest(unknown, known),
    position: at(unknown),
  });
}

function unknownProbe(keys: readonly string[], context: ProbeContext): EnvctlError {
  const protocols = Object.keys(context.protocols).filter((name) => name !== 'wait-on');
  const known = [...probeKindsOfForm('map'), ...probeKindsOfForm('name'), ...protocols];
  const name = keys.find((key) => !commonKeys.includes(key)) ?? '';
  return refuse(`Unknown probe "${name}"`, context, { at: name, hint: suggest(name, known) });
}

function refuse(
  message: string,
  context: ProbeContext,
  { at, hint }: { readonly at?: string; readonly hint?: string } = {},
): EnvctlError {
  const position = at === undefined || at === '' ? context.at() : context.at(at);
  return new EnvctlError('PROFILE_INVALID', message, {
    hint: hint ?? 'Write `ready: http`, `ready: { http: /health }`, or a list of probes.',
    position,
  });
}
