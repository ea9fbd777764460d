/** Tests whether a request matches a mapping's `request` (wiremock.org/docs/request-matching). */
import type { CompletedRequest } from 'mockttp';
import type { Json } from '../../../model/json.js';
import { type TextTest, textTest } from './operators.js';
import { listAt, mapAt, onlyKeys, regularExpression, textAt } from './shape.js';

export type RequestTest = (request: CompletedRequest) => boolean | Promise<boolean>;

const keys = [
  'method',
  'url',
  'urlPattern',
  'urlPath',
  'urlPathPattern',
  'urlPathTemplate',
  'pathParameters',
  'queryParameters',
  'headers',
  'cookies',
  'basicAuth',
  'basicAuthCredentials',
  'bodyPatterns',
];

/** True if every part of the pattern matches. Throws `Refusal` for an unknown key. */
export function requestTest(value: Json | undefined, pointer: string): RequestTest {
  const pattern = mapAt(value, pointer);
  onlyKeys(pattern, pointer, keys);
  const tests = [
    ...methodTests(pattern.method, `${pointer}/method`),
    ...pathTests(pattern, pointer),
    ...namedTests(pattern.queryParameters, `${pointer}/queryParameters`, ({ url }, name) =>
      new URL(url).searchParams.getAll(name),
    ),
    ...namedTests(pattern.headers, `${pointer}/headers`, ({ headers }, name) =>
      [headers[name.toLowerCase()] ?? []].flat(),
    ),
    ...namedTests(pattern.cookies, `${pointer}/cookies`, cookiesOf),
    ...loginTests(pattern.basicAuthCredentials ?? pattern.basicAuth, `${pointer}/basicAuth`),
    ...bodyTests(pattern.bodyPatterns, `${pointer}/bodyPatterns`),
  ];
  return async (request) => (await Promise.all(tests.map((test) => test(request)))).every(Boolean);
}

function methodTests(value: Json | undefined, pointer: string): readonly RequestTest[] {
  const method = value === undefined ? 'ANY' : textAt(value, pointer);
  return method === 'ANY' ? [] : [(request) => request.method === method];
}

export const pathAndQuery = (url: string): string => url.replace(/^[a-z]+:\/\/[^/?#]*/i, '') || '/';
const pathOf = (url: string): string => pathAndQuery(url).replace(/[?#].*$/s, '');

function pathTests(pattern: Readonly<Record<string, Json>>, pointer: string): readonly RequestTest[] {
  const textOf = (key: string): string => textAt(pattern[key], `${pointer}/${key}`);
  if (pattern.url !== undefined) return [equal(textOf('url'), pathAndQuery)];
  if (pattern.urlPath !== undefined) return [equal(textOf('urlPath'), pathOf)];
  if (pattern.urlPattern !== undefined)
    return [whole(regularExpression(textOf('urlPattern'), `${pointer}/urlPattern`), pathAndQuery)];
  if (pattern.urlPathPattern !== undefined)
    return [whole(regularExpression(textOf('urlPathPattern'), `${pointer}/urlPathPattern`), pathOf)];
  return pattern.urlPathTemplate === undefined
    ? []
    : templateTests(textOf('urlPathTemplate'), pattern.pathParameters, `${pointer}/pathParameters`);
}

const equal =
  (wanted: string, part: (url: string) => string): RequestTest =>
  ({ url }) =>
    part(url) === wanted;
const whole =
  (expression: RegExp, part: (url: string) => string): RequestTest =>
  ({ url }) =>
    expression.test(part(url));

/** `/orders/{id}`: each variable is one segment, and can be tested by name. */
function templateTests(template: string, parameters: Json | undefined, pointer: string): readonly RequestTest[] {
  const names = [...template.matchAll(/\{([^}]+)\}/g)].map((match) => match[1] ?? '');
  const literal = template.split(/\{[^}]+\}/).map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const expression = new RegExp(`^${literal.join('([^/]+)')}$`);
  const segment = (url: string, name: string): string[] =>
    [expression.exec(pathOf(url))?.[names.indexOf(name) + 1] ?? []].flat().map(decoded);
  return [whole(expression, pathOf), ...namedTests(parameters, pointer, ({ url }, name) => segment(url, name))];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** One of several values with the same name must match; without a value the test gets null. */
function namedTests(
  value: Json | undefined,
  pointer: string,
  valuesOf: (request: CompletedRequest, name: string) => readonly string[],
): readonly RequestTest[] {
  return Object.entries(mapAt(value, pointer)).map(([name, operator]) => {
    const test = textTest(operator, `${pointer}/${name}`);
    return (request: CompletedRequest) => anyHolds(test, valuesOf(request, name));
  });
}

const anyHolds = (test: TextTest, values: readonly string[]): boolean =>
  values.length === 0 ? test(null) : values.some(test);

function cookiesOf({ headers }: CompletedRequest, name: string): readonly string[] {
  const pairs = String(headers.cookie ?? '')
    .split(';')
    .map((pair) => pair.trim().split('='));
  return pairs.filter(([key]) => key === name).map(([, ...rest]) => rest.join('='));
}

function loginTests(value: Json | undefined, pointer: string): readonly RequestTest[] {
  if (value === undefined) return [];
  const { username, password } = mapAt(value, pointer);
  const login = [textAt(username, `${pointer}/username`), textAt(password, `${pointer}/password`)].join(':');
  const wanted = `Basic ${Buffer.from(login).toString('base64')}`;
  return [({ headers }) => headers.authorization === wanted];
}

/** A missing body counts as empty. */
function bodyTests(value: Json | undefined, pointer: string): readonly RequestTest[] {
  return listAt(value, pointer).map((operator, index) => {
    const test = textTest(operator, `${pointer}/${index}`);
    return async ({ body }: CompletedRequest) => test((await body.getText()) ?? '');
  });
}
