import type { Gate, Json, JsonMap, Port, Position, Probe } from '../environment.js';
import { milliseconds } from '../durations.js';
import { EnvctlError, suggest } from '../errors.js';
import { words } from '../words.js';
import type { Expanded } from './expand.js';
import type { ProtocolWords } from './input.js';
import { isMap, type Merged } from './merge.js';

type Healthcheck = Extract<Probe, { kind: 'healthcheck' }>;

export interface GateContext {
  readonly merged: Merged;
  readonly protocols: ProtocolWords;
  readonly ports: Readonly<Record<string, Port>>;
  readonly healthcheck: Healthcheck | 'none' | null;
  readonly once: boolean;
  readonly timeoutMs: number;
}

/** What must be true of a service; null: only its image can tell. Throws PROFILE_INVALID. */
export function readGate(service: Expanded, context: GateContext): Gate | null {
  const base = { timeoutMs: context.timeoutMs, intervalMs: null, stableMs: 0 };
  if (context.once) return { ...base, probes: [{ kind: 'exited' }] };
  const own = context.healthcheck !== null && context.healthcheck !== 'none' ? [context.healthcheck] : [];
  const at = context.merged.position(['services', service.name, 'ready']);
  if (service.own.ready !== undefined) return writtenGate(service.own.ready, { ...context, base, at, own });
  if (service.template?.ready) return writtenGate(service.template.ready, { ...context, base, at, own });
  const speaks = service.template?.speaks;
  if (speaks) return { ...base, probes: [{ kind: 'protocol', protocol: speaks, port: 'main', options: {} }, ...own] };
  return own.length > 0 ? { ...base, probes: own } : null;
}

interface Written extends GateContext {
  readonly base: Gate | Omit<Gate, 'probes'>;
  readonly at: Position;
  readonly own: readonly Healthcheck[];
}

function writtenGate(ready: Json, written: Written): Gate {
  const entries = Array.isArray(ready) ? (ready as readonly Json[]) : [ready];
  const maps = entries.filter(isMap);
  const setting = (name: string): number | null => maps.map((entry) => milliseconds(entry[name])).find((value) => value !== null) ?? null;
  return {
    probes: [...entries.map((entry) => readProbe(entry, written)), ...written.own],
    timeoutMs: setting('timeout') ?? written.base.timeoutMs,
    intervalMs: setting('interval'),
    stableMs: setting('stable') ?? 0,
  };
}

const settings = ['timeout', 'interval', 'stable', 'port'];
const ownKinds = ['log', 'exec', 'command'];

function readProbe(entry: Json, written: Written): Probe {
  if (typeof entry === 'string') return wordProbe(entry, written);
  if (!isMap(entry)) throw refuse('a probe is a word, a resource or a map', written);
  const kinds = Object.keys(entry).filter((key) => ownKinds.includes(key) || key in written.protocols);
  const [kind] = kinds;
  if (kind === undefined) throw unknownProbe(Object.keys(entry), written);
  if (kinds.length > 1) throw refuse(`${kinds.join(' and ')} stand in one probe`, written);
  if (ownKinds.includes(kind)) return ownProbe(kind, entry, written);
  return protocolProbe(kind, entry, written);
}

/** `healthy`, `running`, a protocol's name, or a resource string of wait-on (github.com/jeffbski/wait-on). */
function wordProbe(word: string, written: Written): Probe {
  if (word === 'healthy' || word === 'running') return { kind: word };
  if (word === 'exited') return { kind: 'exited' };
  if (/^[a-z-]+:/.test(word)) return { kind: 'protocol', protocol: 'wait-on', port: 'main', options: { resource: word } };
  if (word in written.protocols) return checkPort({ kind: 'protocol', protocol: word, port: 'main', options: {} }, written);
  throw unknownProbe([word], written);
}

function ownProbe(kind: string, entry: JsonMap, written: Written): Probe {
  refuseOptions(kind, Object.keys(entry), ['times', ...settings, kind], written);
  const value = entry[kind];
  if (kind === 'log') return { kind, pattern: pattern(String(value), written), times: typeof entry.times === 'number' ? entry.times : 1 };
  const argv = typeof value === 'string' ? words(value) : Array.isArray(value) ? value.map(String) : [];
  if (argv.length === 0) throw refuse(`"${kind}" has no command`, written);
  return { kind: kind === 'exec' ? 'exec' : 'command', argv };
}

function pattern(source: string, written: Written): string {
  try {
    new RegExp(source, 'u');
    return source;
  } catch (error) {
    throw refuse(`"${source}" is not a regular expression: ${(error as Error).message}`, written);
  }
}

/** `http: /health/` is short for `http: { path: /health/ }`; its other options may stand beside it. */
function protocolProbe(kind: string, entry: JsonMap, written: Written): Probe {
  const known = written.protocols[kind]?.options ?? [];
  const value = entry[kind];
  const { [kind]: _, ...beside } = entry;
  const inner = isMap(value ?? {}) ? ((value ?? {}) as JsonMap) : { [known[0] ?? 'path']: value as Json };
  const options: Record<string, Json> = { ...inner, ...beside };
  refuseOptions(kind, Object.keys(options), [...known, ...settings], written);
  const port = options.port === undefined ? 'main' : String(options.port);
  for (const setting of settings) delete options[setting];
  return checkPort({ kind: 'protocol', protocol: kind, port: portName(port, written.ports), options }, written);
}

const portName = (port: string, ports: Readonly<Record<string, Port>>): string =>
  port in ports ? port : (Object.entries(ports).find(([, one]) => String(one.inside) === port)?.[0] ?? port);

function checkPort(probe: Extract<Probe, { kind: 'protocol' }>, written: Written): Probe {
  if (probe.port in written.ports) return probe;
  const message = probe.port === 'main' ? `the probe "${probe.protocol}" needs a port, and this service has none` : `this service has no port "${probe.port}"`;
  throw refuse(message, written, Object.keys(written.ports).length > 0 ? `Ports here: ${Object.keys(written.ports).join(', ')}.` : 'Say where it listens: port: 8000.');
}

function refuseOptions(kind: string, given: readonly string[], known: readonly string[], written: Written): void {
  const unknown = given.find((name) => !known.includes(name));
  if (unknown !== undefined) throw refuse(`the probe "${kind}" has no option "${unknown}"`, written, suggest(unknown, known));
}

function unknownProbe(keys: readonly string[], written: Written): EnvctlError {
  const known = [...ownKinds, 'healthy', 'running', ...Object.keys(written.protocols).filter((name) => name !== 'wait-on')];
  const word = keys.find((key) => !settings.includes(key)) ?? '';
  return refuse(`"${word}" is not a probe`, written, suggest(word, known));
}

function refuse(message: string, written: Written, hint = 'See `ready` in the README: http, tcp, log, exec, command, healthy, or a protocol.'): EnvctlError {
  return new EnvctlError('PROFILE_INVALID', message, { hint, position: written.at });
}
