import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { assertCalledOnce, call, eventually, newCustomer } from './shop.mjs';

const address = {
  first_name: 'Smoke',
  last_name: 'Test',
  street: 'Test Street 123',
  city: 'Moscow',
  postal_code: '123456',
  country: 'RU',
};

let customer;
before(async () => {
  customer = await newCustomer();
});

const ask = (method, path, options) => call(method, path, { token: customer.token, ...options });

test('an order is paid, processed by the worker, shipped and mailed about', async () => {
  const products = await someProducts();
  for (const { id } of products) {
    await ask('POST', '/api/cart/items/', { expect: 201, body: { product_id: id, quantity: 2 } });
  }
  assert.equal((await ask('GET', '/api/cart/')).items.length, products.length);

  const order = await ask('POST', '/api/orders/', { expect: 201, body: { shipping_address: address } });
  assert.equal(order.status, 'pending');
  assert.equal((await ask('GET', '/api/cart/')).items.length, 0);

  const payment = await ask('POST', '/api/payments/process/', { body: { order_id: order.id, amount: order.total } });
  assert.equal(payment.status, 'succeeded');
  assert.equal((await ask('GET', `/api/orders/${order.id}/`)).status, 'confirmed');

  const { task_id } = await ask('POST', `/api/orders/${order.id}/process/`, { expect: 202 });
  await finished(task_id);

  const processed = await ask('GET', `/api/orders/${order.id}/`);
  assert.equal(processed.status, 'processing');
  assert.equal(processed.payment_status, 'paid');
  assert.equal(processed.inventory_reserved, true);
  assert.equal(processed.payment_processed, true);
  assert.equal(processed.shipping_created, true);
  for (const { id, quantity } of products) {
    assert.ok((await ask('GET', `/api/products/${id}/`)).quantity <= quantity - 2);
  }

  await eventually('both mails about the order', async () => {
    const notifications = await ask('GET', `/api/notifications/order/${order.id}/`);
    return notifications.length >= 2;
  });
  const about = { order_id: order.id };
  await assertCalledOnce('payment', '/api/v1/payments', about);
  await assertCalledOnce('shipping', '/api/v1/shipping/calculate', about);
  await assertCalledOnce('shipping', '/api/v1/shipping/orders', about);
  for (const template of ['order_confirmation', 'order_processing']) {
    await assertCalledOnce('email', '/api/v1/emails/send', { ...about, to: customer.email, template });
  }
});

test('a confirmed payment is refunded', async () => {
  const items = (await someProducts()).map(({ id }) => ({ product_id: id, quantity: 1 }));
  const body = { items, shipping_address: address };
  const { id, total } = await ask('POST', '/api/orders/', { expect: 201, body });

  const payment = await ask('POST', '/api/payments/create/', { expect: 201, body: { order_id: id, amount: total } });
  assert.ok(payment.confirmation_url);
  const confirmed = await ask('POST', '/api/payments/confirm/', { body: { payment_id: payment.id } });
  assert.equal(confirmed.status, 'succeeded');

  const wish = { order_id: id, amount: total, reason: 'customer_request' };
  const refund = await ask('POST', '/api/payments/refund/', { expect: 201, body: wish });
  assert.equal(refund.status, 'pending');

  const refunded = await ask('GET', `/api/orders/${id}/`);
  assert.equal(refunded.status, 'refunded');
  assert.equal(refunded.payment_status, 'refunded');
  await assertCalledOnce('payment', '/api/v1/refunds', { order_id: id });
});

/** Two products of a random page, so that no number of runs empties one shelf. */
async function someProducts() {
  const { pages } = await call('GET', '/api/products/');
  const page = 1 + Math.floor(Math.random() * pages);
  const { results } = await call('GET', `/api/products/?page=${page}`);
  return results.filter(({ quantity }) => quantity >= 10).slice(0, 2);
}

async function finished(taskId) {
  const { status, error } = await eventually(`task ${taskId}`, async () => {
    const task = await ask('GET', `/api/tasks/${taskId}/status/`);
    return ['SUCCESS', 'FAILURE'].includes(task.status) && task;
  });
  assert.equal(status, 'SUCCESS', error);
}
