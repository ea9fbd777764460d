import { milliseconds } from '../../model/durations.js';
import { EnvctlError, suggest } from '../../model/errors.js';
import { isMap, type TemplateTree } from '../../model/json.js';
import type { Template } from '../../model/profile.js';
import type { DeclaredHealthcheck, DeclaredProbe, Gate, Port, UndeclaredGate } from '../../model/service.js';
import type { Position } from '../../model/template-text.js';
import { readProbe } from '../probes/read.js';
import { displayText } from '../references/template-text.js';
import type { ProtocolWords } from '../resolve-input.js';
import type { Expanded } from './template.js';

export interface GateContext {
  readonly protocols: ProtocolWords;
  readonly ports: Readonly<Record<string, Port>>;
  readonly healthcheck: DeclaredHealthcheck | 'none' | null;
  readonly once: boolean;
  /** Names of all services of the profile. */
  readonly services: readonly string[];
  readonly timeoutMs: number;
}

/** A service's gate as its profile or template declares it. Throws PROFILE_INVALID at the wrong key. */
export function readGate(service: Expanded, context: GateContext): Gate<DeclaredProbe> | UndeclaredGate {
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

interface GateReading extends GateContext {
  readonly own: readonly DeclaredHealthcheck[];
  readonly at: (...path: readonly (string | number)[]) => Position;
}

function writtenGate(ready: TemplateTree, written: GateReading): Gate<DeclaredProbe> {
  const several = Array.isArray(ready);
  const entries = several ? (ready as readonly TemplateTree[]) : [ready];
  const at = (index: number): GateReading['at'] => (several ? (...path) => written.at(index, ...path) : written.at);
  const setting = (name: string): number | null =>
    entries.map((entry, index) => settingOf(entry, name, at(index))).find((value) => value !== null) ?? null;
  return {
    probes: [...entries.map((entry, index) => readProbe(entry, { ...written, at: at(index) })), ...written.own],
    timeoutMs: setting('timeout') ?? written.timeoutMs,
    intervalMs: setting('interval'),
    stableMs: setting('stable') ?? 0,
  };
}

function settingOf(entry: TemplateTree, name: string, at: GateReading['at']): number | null {
  return isMap(entry) && entry[name] !== undefined ? time(entry[name], name, at(name)) : null;
}

/** A duration in milliseconds. Throws PROFILE_INVALID. */
export function time(value: TemplateTree | undefined, name: string, position: Position): number {
  const ms = milliseconds(value);
  if (ms !== null) return ms;
  throw new EnvctlError('PROFILE_INVALID', `Invalid value for "${name}": "${displayText(value)}"`, {
    hint: 'Expected a duration: seconds (30), or 500ms, 30s, 2m.',
    position,
  });
}

function unknownProtocol(template: Template, known: readonly string[]): EnvctlError {
  return new EnvctlError(
    'PROFILE_INVALID',
    `Template "${template.name}" speaks an unknown protocol "${template.speaks ?? ''}"`,
    {
      hint: suggest(template.speaks ?? '', known),
      position: template.document.position(['speaks']),
    },
  );
}
