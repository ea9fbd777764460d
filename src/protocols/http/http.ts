import type { Json, JsonMap } from '../../model/json.js';
import type { ProbeResult, Protocol, ServiceAccess } from '../../model/protocol.js';
import { attempt, notYet, ready } from '../shared/attempt.js';
import { type Answer, excerpt, exchange, parsed, urlAt } from './exchange.js';
import { seedHttp } from './seed.js';
import { difference } from './subset.js';

export const http: Protocol<'http'> = {
  name: 'http',
  seeds: { http: seedHttp },
  probe: probeHttp,
};

/**
 * Ready when a GET of `path` answers `status` (a number or a list; without it 2xx or 3xx, redirects not followed), `body` stands in the answer,
 * and every value of `json` is in its JSON.
 */
async function probeHttp(reach: ServiceAccess, options: JsonMap): Promise<ProbeResult> {
  return attempt(reach, async (at, signal) => {
    const path = typeof options.path === 'string' ? options.path : '/';
    const answer = await exchange(urlAt(at, path), { headers: textsOf(options.headers), signal });
    const why = complaint(answer, options);
    return why === null ? ready : notYet(why);
  });
}

function complaint(answer: Answer, options: JsonMap): string | null {
  const wanted = statuses(options.status);
  const fits = wanted === null ? answer.status >= 200 && answer.status < 400 : wanted.includes(answer.status);
  if (!fits) return `answers ${answer.status} ${excerpt(answer.body, 80)}`.trimEnd();
  const text = options.body;
  if (text !== undefined && !answer.body.includes(String(text)))
    return `answers ${answer.status} without ${JSON.stringify(text)}`;
  const json = options.json;
  if (json === undefined) return null;
  const found = difference(json, parsed(answer.body));
  return found === null ? null : `answers ${answer.status}, but ${found}`;
}

function statuses(option: Json | undefined): readonly number[] | null {
  if (option === undefined || option === null) return null;
  return (Array.isArray(option) ? option : [option]).map(Number);
}

function textsOf(option: Json | undefined): Record<string, string> {
  if (typeof option !== 'object' || option === null || Array.isArray(option)) return {};
  return Object.fromEntries(Object.entries(option).map(([name, value]) => [name, String(value)]));
}
