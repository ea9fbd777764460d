/** Fills the texts of a connection with addresses, for the inside and the outside. */

import type { Addresses, Connectable, View } from '../model/connection.js';
import type { Scalar } from '../model/json.js';
import type { ConnectionTemplate } from '../model/profile.js';
import type { TemplateString } from '../model/template-text.js';
import { fillText, referencesIn } from '../profile/references/template-text.js';

/** A service at `addresses`. Parts of URLs are percent-encoded. `host` is used if there is no `main` port. */
export function view(service: Connectable, addresses: Addresses, host: string): View {
  const { main } = addresses;
  const url =
    service.connection.url && main ? tidyUrl(fill(service.connection.url, service, { at: main, in: 'url' })) : null;
  const ports = Object.entries(addresses).map(([name, at]) => {
    const text = name === 'main' ? service.connection.url : service.connection.ports[name];
    const known = text ? tidyUrl(fill(text, service, { at, in: 'url' })) : `tcp://${inUrl(at.host)}:${at.port}`;
    return [name, { url: known, host: at.host, port: at.port }] as const;
  });
  const env = main
    ? Object.entries(service.connection.env).map(
        ([key, text]) => [key, fill(text, service, { at: main, in: 'variable' })] as const,
      )
    : [];
  return {
    url,
    host: main?.host ?? host,
    port: main?.port ?? null,
    ports: Object.fromEntries(ports),
    env: Object.fromEntries(env),
  };
}

interface Filling {
  readonly at: { readonly host: string; readonly port: number };
  readonly in: 'url' | 'variable';
}

function fill(text: TemplateString, service: Connectable, { at, in: place }: Filling): string {
  return fillText(text, ({ owner, path }) => {
    if (owner === 'at') return path[0] === 'port' ? String(at.port) : place === 'url' ? inUrl(at.host) : at.host;
    const value = String(service.parameters[path.join('.')] ?? '');
    return place === 'url' ? encodeURIComponent(value) : value;
  });
}

/** An IPv6 address needs brackets before a port (RFC 3986, 3.2.2). */
const inUrl = (host: string): string => (host.includes(':') && !host.startsWith('[') ? `[${host}]` : host);

/** An empty user or password leaves no punctuation behind: `redis://:@host` is `redis://host`. */
const tidyUrl = (url: string): string =>
  url.replace(/^([a-z0-9+.-]+:\/\/)([^/@]*)@/i, (_, scheme: string, login: string) => {
    const tidy = login.replace(/:$/, '');
    return tidy === '' ? scheme : `${scheme}${tidy}@`;
  });

/** `with.*` as strings, for references and exports. */
export const parameterTexts = (parameters: Readonly<Record<string, Scalar>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, String(value)]));

/** The parameters that a connection refers to: those worth exporting. */
export function namedParameters(connection: ConnectionTemplate): readonly string[] {
  const names = referencesIn(connection).flatMap(({ reference: { owner, path } }) =>
    owner === 'with' ? [path.join('.')] : [],
  );
  return [...new Set(names)];
}
