/** Connections and exports in the textual form that labels and files keep: what is written there is read back here. */

import type { ConnectionTemplate, ConnectionTexts } from '../model/profile.js';
import type { TemplateString } from '../model/template-text.js';
import { connectionOwners } from '../profile/references/grammar.js';
import { formatText, readText } from '../profile/references/template-text.js';

export type RecordedExports = Readonly<Record<string, string>>;
export type Exports = Readonly<Record<string, TemplateString>>;

export const formatExports = (exports: Exports): RecordedExports => mapValues(exports, formatText);

/** `services` are names that a reference may begin with; others are accepted too. */
export const readExports = (exports: RecordedExports, services: ReadonlySet<string>): Exports =>
  mapValues(exports, (text) => readText(text, services));

export const formatConnection = (connection: ConnectionTemplate): ConnectionTexts<string> =>
  mapConnection(connection, formatText);

export const readConnection = (connection: ConnectionTexts<string>): ConnectionTemplate =>
  mapConnection(connection, (text) => readText(text, connectionOwners));

function mapConnection<From, To>(
  { url, env, ports }: ConnectionTexts<From>,
  change: (text: From) => To,
): ConnectionTexts<To> {
  return { url: url === null ? null : change(url), env: mapValues(env, change), ports: mapValues(ports, change) };
}

function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  change: (value: From) => To,
): Readonly<Record<string, To>> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
