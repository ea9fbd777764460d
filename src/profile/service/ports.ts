import { EnvctlError } from '../../model/errors.js';
import { isMap, type TemplateTree } from '../../model/json.js';
import type { Port, Service } from '../../model/service.js';
import type { Position } from '../../model/template-text.js';
import { displayText } from '../references/template-text.js';
import type { Expanded } from './template.js';

/** Ports by name, `main` first, and the entries of a Compose list that are not published as written. */
export interface ServicePorts {
  readonly ports: Readonly<Record<string, Port>>;
  /** Fixed host ports that the engine chooses instead. */
  readonly freed: readonly number[];
  /** Ports that are not TCP; they are not published. */
  readonly left: readonly string[];
}

/** The ports of the service, of Compose's list and of the template, by name. Throws PROFILE_INVALID. */
export function readPorts(service: Expanded, options: { readonly fixedPorts: boolean }): ServicePorts {
  const own = ownPorts(service);
  const { listed, left } = composePorts(service);
  const second = Object.keys(own).find((name) => name !== 'main');
  if (second !== undefined && listed.length > 0) throw bothForms(service.at('port', second));
  const named: Record<string, Port> = { ...templatePorts(service), ...own };
  const freed: number[] = [];
  for (const { inside, host } of listed) {
    const known = Object.entries(named).find(([, port]) => port.inside === inside)?.[0];
    const name = known ?? ('main' in named ? String(inside) : 'main');
    if (host !== null && !options.fixedPorts && named[name]?.fixed !== host) freed.push(host);
    named[name] = { inside, fixed: (options.fixedPorts ? host : null) ?? named[name]?.fixed ?? null };
  }
  const { main, ...others } = named;
  return { ports: main ? { main, ...others } : others, freed, left };
}

const templatePorts = (service: Expanded): Readonly<Record<string, Port>> =>
  Object.fromEntries(
    Object.entries(service.template?.ports ?? {}).map(([name, inside]) => [name, { inside, fixed: null }]),
  );

function ownPorts({ own, at }: Expanded): Readonly<Record<string, Port>> {
  if (!isMap(own.port)) return {};
  return Object.fromEntries(
    Object.entries(own.port).flatMap(([name, value]) =>
      value === null ? [] : [[name, readPort(value, at('port', name))]],
    ),
  );
}

/** `8000`, or `host:container`. */
function readPort(value: TemplateTree, at: Position): Port {
  const match = /^(?:(\d+):)?(\d+)$/.exec(displayText(value));
  const [inside, fixed] = [Number(match?.[2]), match?.[1] === undefined ? null : Number(match[1])];
  if (match && valid(inside) && (fixed === null || valid(fixed))) return { inside, fixed };
  throw new EnvctlError('PROFILE_INVALID', `"${displayText(value)}" is not a port`, {
    hint: 'Write the port the service listens on (8000), or host:service (8000:8000), each 1 to 65535.',
    position: at,
  });
}

const valid = (port: number): boolean => Number.isInteger(port) && port >= 1 && port <= 65535;

interface ListedPort {
  readonly inside: number;
  readonly host: number | null;
}

/** Compose's list, short and long entries (docs.docker.com/reference/compose-file/services/#ports). */
function composePorts({ compose, at }: Expanded): {
  readonly listed: readonly ListedPort[];
  readonly left: readonly string[];
} {
  const entries = Array.isArray(compose.ports) ? (compose.ports as readonly TemplateTree[]) : [];
  const parsed = entries.map((entry, index) => ({
    ...(isMap(entry) ? longEntry(entry) : shortEntry(displayText(entry))),
    at: at('ports', index),
  }));
  return {
    listed: parsed
      .filter(({ protocol }) => protocol === 'tcp')
      .map(({ target, published, at: position }) => listedPort(target, published, position)),
    left: parsed
      .filter(({ protocol }) => protocol !== 'tcp')
      .map(({ target, protocol }) => `${displayText(target)}/${protocol}`),
  };
}

interface PortEntry {
  readonly target: TemplateTree;
  readonly published: TemplateTree;
  readonly protocol: string;
}

const longEntry = (entry: { readonly [key: string]: TemplateTree }): PortEntry => ({
  target: entry.target ?? null,
  published: entry.published ?? null,
  protocol: displayText(entry.protocol ?? 'tcp'),
});

/** A host address may precede the ports, an IPv6 address in brackets. */
function shortEntry(text: string): PortEntry {
  const [ports = '', protocol = 'tcp'] = text.split('/');
  const [target = '', published = null] = ports
    .replace(/^\[[^\]]*\]:/, '')
    .split(':')
    .reverse();
  return { target, published, protocol };
}

function listedPort(target: TemplateTree, published: TemplateTree, at: Position): ListedPort {
  const host =
    published === null || published === '' || displayText(published) === '0' ? null : readPort(published, at).inside;
  return { inside: readPort(target, at).inside, host };
}

interface Publishing {
  readonly name: string;
  readonly once: Service['once'];
  readonly ports: Readonly<Record<string, Port>>;
  readonly at: (...path: readonly (string | number)[]) => Position;
}

/** Two services cannot fix the same host port, except jobs, which end. Throws PROFILE_INVALID at the second one. */
export function checkHostPorts(services: readonly Publishing[]): void {
  const taken = new Map<number, string>();
  for (const { name, ports, at } of services.filter(({ once }) => once !== 'yes'))
    for (const [port, { fixed }] of Object.entries(ports)) {
      if (fixed === null) continue;
      const first = taken.get(fixed);
      if (first !== undefined) throw fixedTwice(fixed, [first, name], at('port', port));
      taken.set(fixed, name);
    }
}

function fixedTwice(port: number, [first, second]: readonly [string, string], position: Position): EnvctlError {
  const who =
    first === second
      ? `Service "${first}" fixes host port ${port} twice`
      : `Services "${first}" and "${second}" both fix host port ${port}`;
  return new EnvctlError('PROFILE_INVALID', who, {
    hint: 'Change one of them, or let the engine choose: `port: 8000` without a host port, no `--fixed-ports`.',
    position,
  });
}

function bothForms(position: Position): EnvctlError {
  return new EnvctlError('PROFILE_INVALID', '`ports` is both a list and a map', {
    hint: "Keep one form: the list is Compose's, the map (name: port) is envctl's.",
    position,
  });
}
