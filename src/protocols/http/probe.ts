import { asList, asMap, type Json, type JsonMap } from '../../model/json.js';
import { notYet, type ProbeResult, ready, type ServiceAccess } from '../../model/protocol.js';
import { attempt } from '../shared/attempt.js';
import { excerpt, exchange, type HttpAnswer, parsed, urlAt } from '../shared/http-exchange.js';
import { difference } from './subset.js';

/**
 * Ready when a GET of `path` answers with `status` (a number or a list; default 2xx or 3xx, redirects are not
 * followed), the answer contains `body`, and its JSON has every value of `json`.
 */
export async function probeHttp(access: ServiceAccess, options: JsonMap): Promise<ProbeResult> {
  return attempt(access, async (at, signal) => {
    const path = typeof options.path === 'string' ? options.path : '/';
    const answer = await exchange(urlAt(at, path), { headers: textsOf(options.headers), signal });
    const why = complaint(answer, options);
    return why === null ? ready : notYet(why);
  });
}

function complaint(answer: HttpAnswer, options: JsonMap): string | null {
  const wanted = asList(options.status).map(Number);
  const fits = wanted.length === 0 ? answer.status >= 200 && answer.status < 400 : wanted.includes(answer.status);
  if (!fits) return `answers ${answer.status} ${excerpt(answer.body, 80)}`.trimEnd();
  const text = options.body;
  if (text !== undefined && !answer.body.includes(String(text)))
    return `answers ${answer.status} without ${JSON.stringify(text)}`;
  const json = options.json;
  if (json === undefined) return null;
  const found = difference(json, parsed(answer.body));
  return found === null ? null : `answers ${answer.status}, but ${found}`;
}

const textsOf = (option: Json | undefined): Record<string, string> =>
  Object.fromEntries(Object.entries(asMap(option)).map(([name, value]) => [name, String(value)]));
