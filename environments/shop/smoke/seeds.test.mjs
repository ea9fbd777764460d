import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { call } from './shop.mjs';

const seed = (name) => readFile(new URL(`../seeds/${name}`, import.meta.url), 'utf8');

test('the shop is healthy', async () => {
  assert.deepEqual(await call('GET', '/health/'), { database: true, cache: true, queue: true });
});

test('all thousand products are on the shelf', async () => {
  const [header, ...rows] = (await seed('products.csv')).trim().split('\n');
  assert.equal(header.split(',')[0], 'id');
  assert.equal(rows.length, 1000);
  assert.equal((await call('GET', '/api/products/')).count, 1000);

  const [id, sku] = rows[Math.floor(Math.random() * rows.length)].split(',');
  assert.equal((await call('GET', `/api/products/${id}/`)).sku, sku);
});

test('the catalogue has its twelve categories, and every product is in one', async () => {
  const { results } = await call('GET', '/api/categories/');
  assert.equal(results.length, 12);
  assert.equal(
    results.reduce((sum, { products }) => sum + products, 0),
    1000,
  );
});

test('orders can be shipped in three ways', async () => {
  const { results } = await call('GET', '/api/shipping/methods/');
  assert.deepEqual(
    results.map(({ code }) => code),
    ['express', 'pickup', 'standard'],
  );
});

test('the storefront shows what the cache was seeded with', async () => {
  const cache = JSON.parse(await seed('cache.json'));
  const seeded = (key) => cache[`storefront:${key}`].value ?? cache[`storefront:${key}`];
  const shown = await call('GET', '/api/storefront/');

  assert.equal(shown.banner, seeded('banner'));
  assert.equal(shown.free_shipping_from, String(seeded('free_shipping_from')));
  assert.deepEqual(
    shown.featured.map(({ sku }) => sku),
    seeded('featured'),
  );
  assert.deepEqual(shown.popular_searches, Object.keys(seeded('popular_searches')));
  assert.deepEqual(shown.exchange_rates, seeded('exchange_rates'));
  assert.deepEqual(shown.payment_methods, seeded('payment_methods'));
});
