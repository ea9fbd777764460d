import { EnvctlError } from '../../model/errors.js';
import type { TemplateString } from '../../model/template-text.js';
import { rewriteTexts } from '../references/rewrite.js';
import { asText, displayText, formatText, formatTree } from '../references/template-text.js';
import { seedKind } from './seed-kind.js';

declare module '../../model/service.js' {
  interface SeedSteps<Text> {
    readonly http: {
      readonly method: string;
      /** A path on the service, or an absolute URL. */
      readonly url: Text;
      readonly headers: Readonly<Record<string, Text>>;
      /** Text of the body; null: none. */
      readonly body: Text | null;
      /** File whose bytes are the body; null: none. */
      readonly file: string | null;
      /** Accepted status; null: any 2xx. */
      readonly status: number | null;
    };
  }
}

export const http = seedKind({
  kind: 'http',
  keys: {
    http: { type: 'template', required: true, describe: 'Path on the service, or a URL' },
    method: { type: 'text', describe: 'Default GET, or POST with a body' },
    headers: { type: 'templates', describe: 'Request headers' },
    body: { type: 'template', describe: 'Text of the body' },
    json: { type: 'json', describe: 'Value of a JSON body' },
    file: { type: 'path', describe: 'File whose bytes are the body' },
    status: { type: 'integer', describe: 'Expected status; default any 2xx' },
  },
  read: ({ http: url, method, headers = {}, body, json, file, status }, { at }) => {
    const [first, second] = Object.entries({ body, json, file }).flatMap(([key, one]) =>
      one === undefined ? [] : [key],
    );
    if (second !== undefined)
      throw new EnvctlError('PROFILE_INVALID', `An http seed cannot have both "${first}" and "${second}"`, {
        hint: 'Keep one of them.',
        position: at(second),
      });
    return {
      method: method?.toUpperCase() ?? (first === undefined ? 'GET' : 'POST'),
      url,
      headers: { ...(json === undefined ? {} : { 'content-type': 'application/json' }), ...lowerCase(headers) },
      body: json === undefined ? (body ?? null) : asText(rewriteTexts(json, (plain) => JSON.stringify(plain))),
      file: file ?? null,
      status: status ?? null,
    };
  },
  title: ({ method, url }) => `${method} ${displayText(url)}`,
  unit: 'requests',
  changed: 'refuse',
  interrupted: 'rerun',
  // Addresses differ between runs.
  identity: (step) => ({
    ...step,
    url: formatText(step.url).replace(/^[a-z]+:\/\/[^/]*/, ''),
    headers: formatTree(step.headers),
    body: step.body === null ? null : formatText(step.body),
  }),
  resolve: (step, resolve) => ({
    ...step,
    url: resolve(step.url, 'outside'),
    headers: Object.fromEntries(Object.entries(step.headers).map(([name, text]) => [name, resolve(text, 'outside')])),
    body: step.body === null ? null : resolve(step.body, 'outside'),
  }),
  run: async (task, { access, protocol }) => {
    const { seeds } = await protocol('http');
    if (!seeds.http) throw new Error('bug: the protocol "http" sends no requests');
    return seeds.http(access, task);
  },
});

const lowerCase = (headers: Readonly<Record<string, TemplateString>>): Readonly<Record<string, TemplateString>> =>
  Object.fromEntries(Object.entries(headers).map(([name, text]) => [name.toLowerCase(), text]));
