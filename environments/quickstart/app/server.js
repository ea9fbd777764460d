/** The orders API: lists products, takes orders and reports their status. */
import { createServer } from 'node:http';
import pg from 'pg';

const db = new pg.Pool({ connectionString: process.env.DATABASE_URL });

const routes = {
  'GET /health': async () => ({ status: 200, body: { database: (await db.query('SELECT 1')).rowCount === 1 } }),
  'GET /products': async () => ({
    status: 200,
    body: (await db.query('SELECT sku, name, price::float FROM products ORDER BY sku')).rows,
  }),
  'POST /orders': async (request) => order(await json(request)),
  'GET /orders/:id': async (_request, id) => oneOrder(id),
};

async function order({ sku, quantity = 1, currency = 'USD' } = {}) {
  try {
    const { rows } = await db.query(
      'INSERT INTO orders (sku, quantity, currency) VALUES ($1, $2, $3) RETURNING id::int, status',
      [sku, quantity, currency],
    );
    return { status: 202, body: rows[0] };
  } catch (error) {
    if (error.code?.startsWith('22') || error.code?.startsWith('23'))
      return { status: 400, body: { error: error.message } };
    throw error;
  }
}

async function oneOrder(id) {
  const { rows } = await db.query(
    'SELECT id::int, sku, quantity, currency, status, total::float, reason FROM orders WHERE id = $1',
    [id],
  );
  return rows[0] ? { status: 200, body: rows[0] } : { status: 404, body: { error: `there is no order ${id}` } };
}

async function json(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString() || '{}');
}

async function answer(request) {
  const { pathname } = new URL(request.url, 'http://app');
  const [, id] = /^\/orders\/(\d+)$/.exec(pathname) ?? [];
  const route = routes[`${request.method} ${id ? '/orders/:id' : pathname}`];
  return route ? route(request, id) : { status: 404, body: { error: `there is no ${request.method} ${pathname}` } };
}

const server = createServer(async (request, response) => {
  const { status, body } = await answer(request).catch((error) => ({ status: 500, body: { error: error.message } }));
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
});
server.listen(Number(process.env.PORT ?? 8080), process.env.HOST, () =>
  console.log(`listening on ${server.address().port}`),
);
db.on('error', (error) => console.error(error.message));
process.once('SIGTERM', () => process.exit(0));
