/** The Compose file of the shop, unedited: known images get protocol probes, the others their healthchecks. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../cli/command.js';
import { describeDocker, docker, dockerEnded, expectCode, exportsOf, sharedStage } from './vocabulary.js';

describeDocker('docker-compose.yml of the shop', { timeout: 180_000 }, () => {
  const stage = sharedStage();
  const shop = stage.project({ '.': 'copy:environments/shop' });
  const file = 'docker-compose.yml';

  test('Compose accepts docker-compose.yml of the shop', async () => {
    expect(readFileSync(shop.path(file), 'utf8')).toBe(
      readFileSync(join(root, 'environments/shop/docker-compose.yml'), 'utf8'),
    );
    expectCode(await dockerEnded(['compose', '-f', shop.path(file), 'config', '-q']), 0);
  });

  test('up -f brings the shop up with protocol probes, healthchecks and jobs', async () => {
    const up = await shop.envctl(`up -f ${file} --ephemeral --progress plain`);
    expectCode(up, 0);
    expect(up.stderr).toMatch(/postgres +ready \(postgres/);
    expect(up.stderr).toMatch(/redis +ready \(redis/);
    for (const mock of ['payment', 'shipping', 'email'])
      expect(up.stderr).toMatch(new RegExp(`mock-${mock}-service +ready \\(mockserver`));
    expect(up.stderr).toMatch(/app +ready \(healthcheck\)/);
    expect(up.stderr).toMatch(/migrate +exit 0/);
    expect(up.stderr).toMatch(/seed-database .*exit 0/);
    expect(up.stderr).toMatch(/celery-worker +running \(not checked\)/);
  });

  test('fixed ports are replaced by free loopback ports, with a notice', async () => {
    const bound = (await shop.containers()).flatMap(({ published }) => Object.values(published).flat());
    expect(bound.length).toBeGreaterThanOrEqual(6);
    for (const address of bound) expect(address).toMatch(/^127\.0\.0\.1:(?!(5432|6379|8000|108[012])$)\d+$/);
  });

  test('exports of the shop reach a healthy app and the seeded database', async () => {
    const exports = await exportsOf(shop, `-f ${file}`);
    expect(await (await fetch(`${exports.APP_URL}/health/`)).json()).toEqual({
      database: true,
      cache: true,
      queue: true,
    });
    expect(exports.POSTGRES_URL).toMatch(
      /^postgresql:\/\/test_user:test_password@127\.0\.0\.1:\d+\/ecommerce_integration$/,
    );
    const { id } = await shop.container('postgres');
    expect(
      await docker(
        'exec',
        id,
        'psql',
        '-qAt',
        '-U',
        'test_user',
        'ecommerce_integration',
        '-c',
        'select count(*) from products',
      ),
    ).toBe('1000\n');
    expect(exports.REDIS_URL).toMatch(/^redis:\/\/127\.0\.0\.1:\d+$/);
    const { services } = JSON.parse((await shop.envctl(`status -f ${file} --output json`)).stdout) as {
      services: { service: string; gate: string }[];
    };
    for (const { service, gate } of services)
      expect([service, gate]).toEqual([service, expect.stringMatching(/^(ready|done|running)$/)]);
    const { id: cache } = await shop.container('redis');
    expect(await docker('exec', cache, 'redis-cli', 'exists', 'storefront:banner')).toBe('1\n');
  });

  test('a second up -f changes nothing and does not run jobs again', async () => {
    const before = (await shop.containers()).map(({ id, startedAt }) => [id, startedAt]);
    expectCode(await shop.envctl(`up -f ${file}`), 0);
    expect((await shop.containers()).map(({ id, startedAt }) => [id, startedAt])).toEqual(before);
  });

  test('down -f removes everything', async () => {
    expectCode(await shop.envctl(`down -f ${file}`), 0);
    expect([await shop.containers(), await shop.networks(), await shop.volumes()]).toEqual([[], [], []]);
  });
});
