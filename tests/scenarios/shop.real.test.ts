/** The shop from up to down: in parts, used by its smoke suite, twice, broken, changed. */
import { readFileSync, rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type CommandResult, program, startCommand } from '../cli/command.js';
import { type Container, describeDocker, docker, expectCode, exportsOf, idsOf, sharedStage } from './vocabulary.js';

const parts = ['app', 'beat', 'cache', 'db', 'email', 'migrate', 'payment', 'shipping', 'worker'];
const stores = ['cache', 'db', 'email', 'payment', 'shipping'];

describeDocker('the shop', { timeout: 180_000 }, () => {
  const stage = sharedStage();
  const shop = stage.project({ 'environments/shop': 'copy:environments/shop' });
  const instances = async (second: 'first' | 'second'): Promise<readonly Container[]> =>
    (await shop.containers()).filter(({ instance }) => instance.startsWith('shop-second-') === (second === 'second'));
  const smoke = (instance: readonly string[], suite: string): Promise<CommandResult> =>
    shop.envctl([
      'run',
      'shop',
      ...instance,
      '--progress',
      'plain',
      '--',
      'sh',
      '-c',
      `"${process.execPath}" --test --test-reporter=tap environments/shop/smoke/${suite}.test.mjs`,
    ]);
  const products = async (instance = ''): Promise<number> =>
    Number(await query(await exportsOf(shop, `shop${instance}`), 'select count(*) from products'));

  test('up --without app brings up the rest, and an app on this host can use it', async () => {
    const up = await shop.envctl('up shop --ephemeral --without app --progress plain');
    expectCode(up, 0);
    expect((await shop.containers()).map(({ service }) => service)).toEqual(parts.filter((part) => part !== 'app'));
    const exports = await exportsOf(shop, 'shop');
    expect(exports).not.toHaveProperty('APP_URL');
    expect(await query(exports, 'select count(*) from products')).toBe('1000');
    const { Redis } = await import('ioredis');
    const cache = new Redis(exports.REDIS_URL ?? '', { maxRetriesPerRequest: 0 });
    expect(await cache.exists('storefront:banner')).toBe(1);
    cache.disconnect();
    for (const partner of ['PAYMENT', 'SHIPPING', 'EMAIL'])
      expect((await fetch(`${exports[`${partner}_URL`]}/mockserver/status`, { method: 'PUT' })).status).toBe(200);
  });

  test('a second up adds only the app, and the summary lists every service with its address', async () => {
    const before = idsOf(await shop.containers());
    const up = await shop.envctl('up shop --progress plain');
    expectCode(up, 0);
    const containers = await shop.containers();
    expect(containers.map(({ service }) => service)).toEqual(parts);
    expect(idsOf(containers)).toMatchObject(before);
    for (const part of parts) expect(up.stderr).toMatch(new RegExp(`^${part} +\\w+ +(ready|reused|exit 0)`, 'm'));
    expect(up.stderr).toMatch(/^db .*postgresql:\/\/app:•••@127\.0\.0\.1:\d+\/ecommerce_integration$/m);
    const status = await shop.envctl('status shop --output json');
    const { services } = JSON.parse(status.stdout) as { services: { service: string; state: string; gate: string }[] };
    expect(services.map(({ service, state, gate }) => [service, state, gate])).toEqual(
      parts.map((part) => (part === 'migrate' ? [part, 'exited 0', 'done'] : [part, 'running', 'ready'])),
    );
    for (const bound of containers.flatMap(({ published }) => Object.values(published).flat()))
      expect(bound).toMatch(/^127\.0\.0\.1:\d+$/);
  });

  test('run passes the smoke suite on the running shop without changing it', async () => {
    const before = (await shop.containers()).map(({ id, startedAt }) => [id, startedAt]);
    const run = await smoke([], '*');
    expectCode(run, 0);
    expect(run.stdout).toMatch(/^# pass [1-9]/m);
    expect(run.stdout).toMatch(/^# fail 0/m);
    expect((await shop.containers()).map(({ id, startedAt }) => [id, startedAt])).toEqual(before);
    expect(await products()).toBe(1000);
  });

  test('a shell that evaluates env reaches the database of the shop', async () => {
    const ask = `
      import pg from 'pg';
      const client = new pg.Client(process.env.DATABASE_URL);
      await client.connect();
      console.log((await client.query('select count(*) from products')).rows[0].count);
      await client.end();
    `;
    const line =
      'eval "$("$NODE" "$ENVCTL" env shop --format shell)" && cd "$HERE" && "$NODE" --input-type=module -e "$ASK"';
    const env = {
      ...process.env,
      NODE: process.execPath,
      ENVCTL: program,
      HERE: import.meta.dirname,
      ASK: ask,
      XDG_STATE_HOME: shop.path('../user/state'),
      CI: '',
    };
    const shell = await startCommand(['bash', '-c', line], { cwd: shop.folder, env }).ended;
    expect(shell).toMatchObject({ code: 0, stdout: '1000\n' });
  });

  test('a second instance of the shop shares nothing with the first', async () => {
    const before = idsOf(await instances('first'));
    expectCode(await shop.envctl('up shop -i second --ephemeral'), 0);
    const [first, second] = [await instances('first'), await instances('second')];
    expect(second.map(({ service }) => service)).toEqual(parts);
    expect(idsOf(first)).toEqual(before);
    const things = (containers: readonly Container[]): readonly string[] =>
      containers.flatMap(({ id, networks, volumes, published }) => [
        id,
        ...networks,
        ...volumes,
        ...Object.values(published).flat(),
      ]);
    const mine = new Set(things(first));
    expect(things(second).filter((thing) => mine.has(thing))).toEqual([]);
    expect(await products(' -i second')).toBe(1000);
    const [one, two] = [await exportsOf(shop, 'shop'), await exportsOf(shop, 'shop -i second')];
    expect(one.DB_PASSWORD).not.toBe(two.DB_PASSWORD);
  });

  test('the smoke suite fails after a worker stops, a stub is removed or a row is deleted', async () => {
    const worker = (await instances('first')).find(({ service }) => service === 'worker');
    await docker('stop', '-t', '0', worker?.id ?? '');
    const second = await exportsOf(shop, 'shop -i second');
    await query(second, 'delete from products where id = (select id from products limit 1)');
    const cleared = await fetch(`${second.PAYMENT_URL}/mockserver/clear?type=expectations`, {
      method: 'PUT',
      body: JSON.stringify({ path: '/api/v1/payments' }),
    });
    expect(cleared.status).toBe(200);

    const [withoutWorker, withoutStub] = await Promise.all([smoke([], 'orders'), smoke(['-i', 'second'], 'orders')]);
    const withoutRow = await smoke(['-i', 'second'], 'seeds');
    expect(withoutWorker.stderr).toContain('note: Skipped "worker" (stopped); run `envctl up` to start it');
    expect(withoutWorker.code).toBe(1);
    expect(withoutWorker.stdout).toMatch(/not ok .*an order is paid, processed by the worker/);
    expect(withoutStub.code).toBe(1);
    expect(withoutStub.stdout).toMatch(/not ok .*an order is paid/);
    expect(withoutRow.code).toBe(1);
    expect(withoutRow.stdout).toMatch(/not ok .*all thousand products/);
    expectCode(await shop.envctl('down shop -i second'), 0);
    expect(await instances('second')).toEqual([]);
  });

  test('with .envctl deleted, status, env and up work, and nothing is recreated', async () => {
    const [before, exports] = [idsOf(await shop.containers()), await exportsOf(shop, 'shop')];
    rmSync(shop.path('.envctl'), { recursive: true });
    expectCode(await shop.envctl('status shop'), 0);
    expect(await exportsOf(shop, 'shop')).toEqual(exports);
    expectCode(await shop.envctl('up shop'), 0);
    expect(idsOf(await shop.containers())).toEqual(before);
    expect(await products()).toBe(1000);
  });

  test('a changed line of code rebuilds and recreates the services that run it, not the stores', async () => {
    const before = new Map((await shop.containers()).map(({ service, id }) => [service, id]));
    await query(
      await exportsOf(shop, 'shop'),
      "update products set name = 'kept' where id = (select id from products limit 1)",
    );
    const file = 'environments/shop/app/shop/health.py';
    shop.write(file, `${readFileSync(shop.path(file), 'utf8')}\n# a line more\n`);
    const up = await shop.envctl('up shop --progress plain');
    expectCode(up, 0);
    const changed = (await shop.containers())
      .filter(({ service, id }) => before.get(service) !== id)
      .map(({ service }) => service);
    expect(changed).toEqual(parts.filter((part) => !stores.includes(part)));
    expect(up.stderr).toMatch(/app +starting \(image changed\)/);
    expect(await products()).toBe(1000);
    expect(await query(await exportsOf(shop, 'shop'), "select count(*) from products where name = 'kept'")).toBe('1');
  });

  test('down removes the shop completely after .envctl was deleted', async () => {
    rmSync(shop.path('.envctl'), { recursive: true });
    expectCode(await shop.envctl('down shop'), 0);
    expect([await shop.containers(), await shop.networks(), await shop.volumes()]).toEqual([[], [], []]);
  });
});

/** The first column of the first row, as text. */
async function query(exports: Readonly<Record<string, string>>, text: string): Promise<string> {
  const { Client } = (await import('pg')).default;
  const client = new Client({ connectionString: exports.DATABASE_URL });
  await client.connect();
  try {
    const { rows } = await client.query({ text, rowMode: 'array' });
    return String((rows as unknown[][])[0]?.[0]);
  } finally {
    await client.end();
  }
}
