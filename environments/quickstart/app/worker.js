/** The worker: takes queued orders one at a time, asks the partner for the rate, and works out the total. */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

const pauseMs = 50;
const db = new pg.Client({ connectionString: process.env.DATABASE_URL });

/** SKIP LOCKED: workers never take the same order, and the order of a worker that dies is queued again. */
const next = `
  SELECT orders.id, quantity * price AS dollars, currency FROM orders JOIN products USING (sku)
  WHERE status = 'queued' ORDER BY orders.id LIMIT 1 FOR UPDATE OF orders SKIP LOCKED`;

/** Returns false if no order is queued. */
async function workOnOne() {
  await db.query('BEGIN');
  const {
    rows: [order],
  } = await db.query(next);
  if (order) {
    const { status, total, reason } = await priced(order);
    await db.query('UPDATE orders SET status = $2, total = $3, reason = $4 WHERE id = $1', [
      order.id,
      status,
      total,
      reason,
    ]);
    console.log(`order ${order.id}: ${status}`);
  }
  await db.query('COMMIT');
  return order !== undefined;
}

async function priced({ dollars, currency }) {
  try {
    const response = await fetch(`${process.env.RATES_URL}/rates/${currency}`, { signal: AbortSignal.timeout(5000) });
    if (!response.ok)
      return { status: 'failed', total: null, reason: `the partner answered ${response.status} for ${currency}` };
    const { rate } = await response.json();
    return { status: 'done', total: (dollars * rate).toFixed(2), reason: null };
  } catch (error) {
    return { status: 'failed', total: null, reason: `the partner cannot be reached: ${error.message}` };
  }
}

process.once('SIGTERM', () => process.exit(0));
await db.connect();
console.log('waiting for orders');
for (;;) if (!(await workOnOne())) await sleep(pauseMs);
