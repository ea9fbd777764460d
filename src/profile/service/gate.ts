import { milliseconds } from '../../model/durations.js';
import { EnvctlError, suggest } from '../../model/errors.js';
import type { Json } from '../../model/json.js';
import { isMap } from '../../model/json.js';
import type { Position, Template } from '../../model/profile.js';
import type { Gate, Port, Probe, UndeclaredGate } from '../../model/service.js';
import type { ProtocolWords } from '../resolve-input.js';
import { readProbe } from './probes.js';
import type { Expanded } from './template.js';

type Healthcheck = Extract<Probe, { kind: 'healthcheck' }>;

export interface GateContext {
  readonly protocols: ProtocolWords;
  readonly ports: Readonly<Record<string, Port>>;
  readonly healthcheck: Healthcheck | 'none' | null;
  readonly once: boolean;
  readonly timeoutMs: number;
}

/** A service's gate as its profile or template declares it. Throws PROFILE_INVALID at the wrong key. */
export function readGate(service: Expanded, context: GateContext): Gate | UndeclaredGate {
  const plain = { timeoutMs: context.timeoutMs, intervalMs: null, stableMs: 0 };
  if (context.once) return { ...plain, probes: [{ kind: 'exited' }] };
  const own = context.healthcheck !== null && context.healthcheck !== 'none' ? [context.healthcheck] : [];
  const { ready } = service.own;
  if (ready !== undefined)
    return writtenGate(ready, { ...context, own, at: (...path) => service.at('ready', ...path) });
  const { template } = service;
  if (template && service.given.ready !== null)
    return writtenGate(service.given.ready, {
      ...context,
      own,
      at: (...path) => template.document.position(['ready', ...path]),
    });
  if (template?.speaks && !Object.hasOwn(context.protocols, template.speaks))
    throw unknownProtocol(template, Object.keys(context.protocols));
  if (template?.speaks)
    return { ...plain, probes: [{ kind: 'protocol', protocol: template.speaks, port: 'main', options: {} }, ...own] };
  if (own.length > 0) return { ...plain, probes: own };
  return { probes: null, timeoutMs: context.timeoutMs, timeoutWritten: service.own.timeout !== undefined };
}

interface Written extends GateContext {
  readonly own: readonly Healthcheck[];
  readonly at: (...path: readonly (string | number)[]) => Position;
}

function writtenGate(ready: Json, written: Written): Gate {
  const several = Array.isArray(ready);
  const entries = several ? (ready as readonly Json[]) : [ready];
  const at = (index: number): Written['at'] => (several ? (...path) => written.at(index, ...path) : written.at);
  const setting = (name: string): number | null =>
    entries.map((entry, index) => settingOf(entry, name, at(index))).find((value) => value !== null) ?? null;
  return {
    probes: [...entries.map((entry, index) => readProbe(entry, { ...written, at: at(index) })), ...written.own],
    timeoutMs: setting('timeout') ?? written.timeoutMs,
    intervalMs: setting('interval'),
    stableMs: setting('stable') ?? 0,
  };
}

function settingOf(entry: Json, name: string, at: Written['at']): number | null {
  return isMap(entry) && entry[name] !== undefined ? time(entry[name], name, at(name)) : null;
}

/** A duration that was written; references are filled in by now. Throws PROFILE_INVALID. */
export function time(value: Json | undefined, name: string, position: Position): number {
  const ms = milliseconds(value);
  if (ms !== null) return ms;
  throw new EnvctlError('PROFILE_INVALID', `"${name}" is "${String(value)}", which is not a duration`, {
    hint: 'Write seconds (30), or 500ms, 30s, 2m.',
    position,
  });
}

function unknownProtocol(template: Template, known: readonly string[]): EnvctlError {
  return new EnvctlError(
    'PROFILE_INVALID',
    `the template "${template.name}" speaks "${template.speaks ?? ''}", which is no protocol`,
    {
      hint: suggest(template.speaks ?? '', known),
      position: template.document.position(['speaks']),
    },
  );
}
