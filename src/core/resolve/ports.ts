import type { Json, JsonMap, Port, Position } from '../environment.js';
import { EnvctlError } from '../errors.js';
import type { Expanded } from './expand.js';
import { isMap, type Merged } from './merge.js';

/** Ports by name, `main` first, and which fixed host ports of a Compose list were given up. */
export interface Ports {
  readonly ports: Readonly<Record<string, Port>>;
  readonly freed: readonly number[];
}

/** `port`, `ports` as a map, Compose's list and the template's, in one form. Throws PROFILE_INVALID. */
export function readPorts(service: Expanded, merged: Merged, options: { readonly fixedPorts: boolean }): Ports {
  const at = (key: string): Position => merged.position(['services', service.name, key]);
  const own = ownPorts(service.own, at);
  const listed = composePorts(service.compose.ports, at('ports'));
  if (isMap(service.own.ports) && listed.length > 0) throw bothForms(at('ports'));
  const named: Record<string, Port> = { ...templatePorts(service), ...own };
  const freed: number[] = [];
  for (const { inside, host } of listed) {
    const known = Object.entries(named).find(([, port]) => port.inside === inside)?.[0];
    const name = known ?? ('main' in named ? String(inside) : 'main');
    if (host !== null && !options.fixedPorts) freed.push(host);
    named[name] = { inside, fixed: options.fixedPorts ? host : (named[name]?.fixed ?? null) };
  }
  const { main, ...others } = named;
  return { ports: main ? { main, ...others } : others, freed };
}

const templatePorts = (service: Expanded): Readonly<Record<string, Port>> =>
  Object.fromEntries(Object.entries(service.template?.ports ?? {}).map(([name, inside]) => [name, { inside, fixed: null }]));

function ownPorts(own: JsonMap, at: (key: string) => Position): Readonly<Record<string, Port>> {
  const single = own.port === undefined ? {} : { main: readPort(own.port, at('port')) };
  const several = isMap(own.ports) ? Object.entries(own.ports).map(([name, value]) => [name, readPort(value, at('ports'))] as const) : [];
  return { ...single, ...Object.fromEntries(several) };
}

/** `8000`, or `host:container`. */
function readPort(value: Json, at: Position): Port {
  const match = /^(?:(\d+):)?(\d+)$/.exec(String(value));
  const [inside, fixed] = [Number(match?.[2]), match?.[1] === undefined ? null : Number(match[1])];
  if (match && valid(inside) && (fixed === null || valid(fixed))) return { inside, fixed };
  throw new EnvctlError('PROFILE_INVALID', `"${String(value)}" is not a port`, {
    hint: 'Write the port the service listens on (8000), or host:service (8000:8000), each 1 to 65535.',
    position: at,
  });
}

const valid = (port: number): boolean => Number.isInteger(port) && port >= 1 && port <= 65535;

interface Listed {
  readonly inside: number;
  readonly host: number | null;
}

/** Compose's list, TCP only: `8000`, `"80:8000"`, `"127.0.0.1:80:8000/tcp"`, long form. */
function composePorts(value: Json | undefined, at: Position): readonly Listed[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry: Json) => {
    if (isMap(entry)) return entry.protocol === undefined || entry.protocol === 'tcp' ? [listed(entry.target ?? null, entry.published ?? null, at)] : [];
    const [text = '', protocol = 'tcp'] = String(entry).split('/');
    const parts = text.split(':');
    return protocol === 'tcp' ? [listed(parts.at(-1) ?? '', parts.at(-2) ?? null, at)] : [];
  });
}

function listed(target: Json, published: Json, at: Position): Listed {
  const host = published === null || published === '' || String(published) === '0' ? null : readPort(published, at).inside;
  return { inside: readPort(target, at).inside, host };
}

function bothForms(position: Position): EnvctlError {
  return new EnvctlError('PROFILE_INVALID', '`ports` stands here both as a list and as a map', {
    hint: 'Keep one form: a list is Compose’s, a map (name: port) is envctl’s.',
    position,
  });
}
