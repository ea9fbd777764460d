/** Smoke tests of the quickstart: `envctl run quickstart -- node --test environments/quickstart/smoke/`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

const timeLimitMs = 10_000;
const { APP_URL } = process.env;
assert.ok(APP_URL, 'APP_URL is not set: run this through `envctl run quickstart -- …`');

async function call(path, { expect = 200, ...init } = {}) {
  const response = await fetch(APP_URL + path, init);
  const text = await response.text();
  assert.equal(response.status, expect, `${path} answered ${response.status}: ${text}`);
  return JSON.parse(text);
}

const post = (body, expect = 202) => call('/orders', { method: 'POST', body: JSON.stringify(body), expect });

async function finished(id) {
  for (const deadline = Date.now() + timeLimitMs; Date.now() < deadline; await sleep(20)) {
    const order = await call(`/orders/${id}`);
    if (order.status !== 'queued') return order;
  }
  assert.fail(`order ${id} was not processed within ${timeLimitMs} ms: does the worker run?`);
}

test('the seeded products are on offer', async () => {
  const products = await call('/products');
  assert.deepEqual(
    products.map(({ sku }) => sku),
    ['BOOK-1', 'BOOK-2', 'CUP-1', 'CUP-2', 'LAMP-1', 'PEN-1', 'PEN-2', 'TEA-1'],
  );
  assert.deepEqual(products[3], { sku: 'CUP-2', name: 'Enamel cup, "dented"', price: 6 });
});

for (const [currency, total] of [
  ['EUR', 36],
  ['JPY', 10800],
]) {
  test(`the worker prices an order in ${currency} at the partner's rate`, async () => {
    const { id } = await post({ sku: 'CUP-1', quantity: 6, currency });
    const { status, reason, total: priced } = await finished(id);
    assert.deepEqual({ status, reason, priced }, { status: 'done', reason: null, priced: total });
  });
}

test('an order in a currency that the partner does not know fails with a reason', async () => {
  const { id } = await post({ sku: 'TEA-1', currency: 'XXX' });
  const { status, reason } = await finished(id);
  assert.deepEqual({ status, reason }, { status: 'failed', reason: 'the partner answered 404 for XXX' });
});

test('an order for a product that does not exist is refused', async () => {
  const { error } = await post({ sku: 'NOTHING-1' }, 400);
  assert.match(error, /foreign key/);
});
