/** Mappings, requests, and the answers recorded from WireMock 3.13.2. The mock server must give the same ones. */
export interface Case {
  readonly title: string;
  readonly mappings: readonly object[];
  readonly asks: readonly (readonly [request: string, answer: string, init?: RequestInit])[];
}

const json = (status: number, value: unknown): object => ({ status, jsonBody: value });
const text = (body: string): object => ({ status: 200, body });

export const cases: readonly Case[] = [
  {
    title: 'a path with or without a query',
    mappings: [
      {
        request: { method: 'GET', urlPath: '/rates/EUR' },
        response: {
          ...json(200, { rate: 1.08 }),
          headers: { 'Content-Type': 'application/json', 'X-Two': ['a', 'b'] },
        },
      },
      { request: { method: 'GET', url: '/exact?a=1&b=2' }, response: text('exact') },
    ],
    asks: [
      ['GET /rates/EUR', '200 {"rate":1.08}'],
      ['GET /rates/EUR?day=1', '200 {"rate":1.08}'],
      ['POST /rates/EUR', '404'],
      ['GET /rates/eur', '404'],
      ['GET /exact?a=1&b=2', '200 exact'],
      ['GET /exact?b=2&a=1', '404'],
      ['GET /exact', '404'],
    ],
  },
  {
    title: 'patterns match the whole path, or the path and query',
    mappings: [
      { request: { urlPathPattern: '/orders/[0-9]+' }, response: text('order') },
      { request: { urlPattern: '/search\\?q=.+' }, response: text('search') },
      {
        request: { urlPathTemplate: '/users/{id}/pets/{pet}', pathParameters: { pet: { equalTo: 'cat' } } },
        response: text('pet'),
      },
    ],
    asks: [
      ['GET /orders/12?x=1', '200 order'],
      ['GET /orders/12/lines', '404'],
      ['GET /search?q=a', '200 search'],
      ['GET /search?q=', '404'],
      ['GET /users/7/pets/cat', '200 pet'],
      ['GET /users/7/pets/dog', '404'],
    ],
  },
  {
    title: 'headers, query parameters, cookies and basic auth',
    mappings: [
      {
        request: {
          urlPath: '/h',
          headers: { 'X-Key': { equalTo: 'abc', caseInsensitive: true }, 'X-No': { absent: true } },
        },
        response: text('h'),
      },
      {
        request: {
          urlPath: '/q',
          queryParameters: { a: { contains: 'ell' }, b: { matches: '[0-9]{2}' }, c: { doesNotMatch: 'x+' } },
        },
        response: text('q'),
      },
      { request: { urlPath: '/c', cookies: { session: { equalTo: 's=1' } } }, response: text('c') },
      { request: { urlPath: '/l', basicAuth: { username: 'ann', password: 'pw' } }, response: text('l') },
    ],
    asks: [
      ['GET /h', '200 h', { headers: { 'x-key': 'ABC' } }],
      ['GET /h', '404', { headers: { 'x-key': 'ABC', 'x-no': '1' } }],
      ['GET /h', '404'],
      ['GET /q?a=hello&b=12&c=y', '200 q'],
      ['GET /q?a=hello&b=123&c=y', '404'],
      ['GET /q?a=no&a=hello&b=12&c=y', '200 q'],
      ['GET /c', '200 c', { headers: { cookie: 'x=2; session=s=1' } }],
      ['GET /c', '404', { headers: { cookie: 'session=s' } }],
      ['GET /l', '200 l', { headers: { authorization: `Basic ${btoa('ann:pw')}` } }],
      ['GET /l', '404', { headers: { authorization: `Basic ${btoa('ann:no')}` } }],
    ],
  },
  {
    title: 'request bodies',
    mappings: [
      {
        request: { method: 'POST', urlPath: '/json', bodyPatterns: [{ equalToJson: { id: 1, tags: ['a', 'b'] } }] },
        response: json(201, { ok: true }),
      },
      {
        request: {
          method: 'POST',
          urlPath: '/loose',
          bodyPatterns: [
            { equalToJson: '{"id": 1, "tags": ["b", "a"]}', ignoreArrayOrder: true, ignoreExtraElements: true },
          ],
        },
        response: text('loose'),
      },
      {
        request: {
          method: 'POST',
          urlPath: '/path',
          bodyPatterns: [
            { matchesJsonPath: '$.order.id' },
            { matchesJsonPath: { expression: '$.order.lines[0].sku', equalTo: 'A1' } },
          ],
        },
        response: text('path'),
      },
      {
        request: { method: 'POST', urlPath: '/text', bodyPatterns: [{ contains: 'hello' }, { doesNotContain: 'bye' }] },
        response: text('text'),
      },
    ],
    asks: [
      ['POST /json', '201 {"ok":true}', { body: '{"tags":["a","b"],"id":1}' }],
      ['POST /json', '404', { body: '{"tags":["b","a"],"id":1}' }],
      ['POST /json', '404', { body: '{"tags":["a","b"],"id":1,"more":2}' }],
      ['POST /json', '404', { body: 'no json' }],
      ['POST /loose', '200 loose', { body: '{"id":1,"tags":["a","b"],"more":2}' }],
      ['POST /path', '200 path', { body: '{"order":{"id":7,"lines":[{"sku":"A1"}]}}' }],
      ['POST /path', '404', { body: '{"order":{"id":7,"lines":[{"sku":"B1"}]}}' }],
      ['POST /path', '404', { body: '{"order":{"lines":[{"sku":"A1"}]}}' }],
      ['POST /text', '200 text', { body: 'oh hello' }],
      ['POST /text', '404', { body: 'hello and bye' }],
    ],
  },
  {
    title: 'the highest priority, then the newest stub',
    mappings: [
      { request: { urlPath: '/p' }, response: text('first in the file') },
      { request: { urlPath: '/p' }, response: text('second in the file') },
      { priority: 1, request: { urlPath: '/p/urgent' }, response: text('urgent') },
      { priority: 9, request: { urlPathPattern: '/p/.*' }, response: text('any') },
    ],
    asks: [
      ['GET /p', '200 first in the file'],
      ['GET /p/urgent', '200 urgent'],
      ['GET /p/else', '200 any'],
    ],
  },
  {
    title: 'scenarios with states',
    mappings: [
      {
        scenarioName: 'pay',
        requiredScenarioState: 'Started',
        newScenarioState: 'paid',
        request: { method: 'GET', urlPath: '/s' },
        response: text('open'),
      },
      {
        scenarioName: 'pay',
        requiredScenarioState: 'paid',
        request: { method: 'GET', urlPath: '/s' },
        response: text('paid'),
      },
    ],
    asks: [
      ['GET /s', '200 open'],
      ['GET /s', '200 paid'],
      ['GET /s', '200 paid'],
    ],
  },
  {
    title: 'broken connections, binary bodies and stubs without a response',
    mappings: [
      { request: { urlPath: '/empty' }, response: { fault: 'EMPTY_RESPONSE' } },
      { request: { urlPath: '/reset' }, response: { fault: 'CONNECTION_RESET_BY_PEER' } },
      { request: { urlPath: '/bytes' }, response: { status: 503, base64Body: 'AAEC' } },
      { request: { urlPath: '/nothing' } },
    ],
    asks: [
      ['GET /empty', 'broken'],
      ['GET /reset', 'broken'],
      ['GET /bytes', '503 \u0000\u0001\u0002'],
      ['GET /nothing', '200 '],
    ],
  },
];

/** Sends a request; returns its status and body, only the status of a 404, and `broken` without a response. */
export async function ask(url: string, request: string, init: RequestInit = {}): Promise<string> {
  const [method = 'GET', path = '/'] = request.split(' ');
  try {
    const response = await fetch(url + path, { method, ...init });
    const body = await response.text();
    return response.status === 404 ? '404' : `${response.status} ${body}`;
  } catch {
    return 'broken';
  }
}

export const admin = async (
  url: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ readonly status: number; readonly json: unknown }> => {
  const response = await fetch(`${url}/__admin/${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = await response.text();
  return { status: response.status, json: answer.startsWith('{') ? JSON.parse(answer) : null };
};
