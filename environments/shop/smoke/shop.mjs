/** Helpers of the smoke tests. The addresses come from environment variables. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE_MS = 20_000;

export const partners = {
  payment: address('PAYMENT_URL'),
  shipping: address('SHIPPING_URL'),
  email: address('EMAIL_URL'),
};

const app = address('APP_URL');

/** Calls the shop's API and returns the JSON answer; any status but the expected one fails the test. */
export async function call(method, path, { expect = 200, body, token } = {}) {
  const { status, json } = await exchange(method, `${app}${path}`, body, token && { authorization: `Bearer ${token}` });
  assert.equal(status, expect, `${method} ${path} answered ${status}: ${JSON.stringify(json)}`);
  return json;
}

/** A customer nobody has seen before, logged in: `{ email, token }`. */
export async function newCustomer() {
  const credentials = { email: `smoke-${randomUUID()}@example.com`, password: 'TestPassword123!' };
  const body = { ...credentials, first_name: 'Smoke', last_name: 'Test', phone: '+79123456789' };
  await call('POST', '/api/auth/register/', { expect: 201, body });
  const { access } = await call('POST', '/api/auth/login/', { body: credentials });
  return { email: credentials.email, token: access };
}

/** Polls until `check` returns something truthy, and returns that. */
export async function eventually(what, check) {
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline) {
    const found = await check();
    if (found) return found;
    await sleep(100);
  }
  assert.fail(`${what}: not within ${PATIENCE_MS / 1000} s; is the worker running?`);
}

/** The partner's stub was called exactly once with a body that has these fields. */
export async function assertCalledOnce(partner, path, fields) {
  const { status, json } = await exchange('PUT', `${partners[partner]}/mockserver/verify`, {
    httpRequest: request(path, fields),
    times: { atLeast: 1, atMost: 1 },
  });
  assert.equal(status, 202, `${partner}: POST ${path} with ${JSON.stringify(fields)} once: ${json}`);
}

/** The bodies that a partner's stub received at `path`, of those that have these fields. */
export async function received(partner, path, fields) {
  const url = `${partners[partner]}/mockserver/retrieve?type=REQUESTS&format=JSON`;
  const { json: requests } = await exchange('PUT', url, request(path, fields));
  return requests.map(({ body }) => body.json ?? body);
}

function request(path, fields) {
  const body = { type: 'JSON', json: fields, matchType: 'ONLY_MATCHING_FIELDS' };
  return { method: 'POST', path, body };
}

async function exchange(method, url, body, headers) {
  const response = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  });
  const isJson = response.headers.get('content-type')?.includes('json');
  return { status: response.status, json: await (isJson ? response.json() : response.text()) };
}

function address(variable) {
  const url = process.env[variable];
  assert.ok(url, `${variable} is not set: envctl run shop -- node --test environments/shop/smoke/`);
  return url.replace(/\/$/, '');
}
