import { connect } from 'amqplib';
import { expect, test } from 'vitest';
import { amqp } from '../../../src/protocols/amqp/amqp.js';
import { http } from '../../../src/protocols/http/http.js';
import { startServer, untilReady } from '../../testing/real-server.js';

test('amqp is ready when a channel opens, and not before the broker listens', async () => {
  const parameters = { user: 'app', password: 'pa:ss/@%', vhost: 'my/shop' };
  const environment = {
    RABBITMQ_DEFAULT_USER: 'app',
    RABBITMQ_DEFAULT_PASS: parameters.password,
    RABBITMQ_DEFAULT_VHOST: 'my/shop',
  };
  await using broker = await startServer({
    image: 'rabbitmq:4-management',
    port: 5672,
    environment,
    parameters,
    flags: ['-p', '127.0.0.1::15672'],
  });
  const answers = await untilReady(amqp, broker.reach(), { seconds: 90 });

  const connection = await connect({
    hostname: '127.0.0.1',
    port: broker.address.port,
    username: 'app',
    password: parameters.password,
    vhost: encodeURIComponent('my/shop'),
  });
  const channel = await connection.createChannel();
  const { queue } = await channel.assertQueue('orders');
  expect(queue).toBe('orders');
  await connection.close();
  expect(answers.length).toBeGreaterThan(10);
  expect(answers.slice(0, -1).every((answer) => answer.kind === 'not-yet')).toBe(true);

  // A booting broker opens its client listeners last, so the management interface answers too.
  const management = Number(/:(\d+)/.exec(await broker.docker('port', broker.id, '15672/tcp'))?.[1]);
  expect(await http.probe(broker.reach({ address: { host: '127.0.0.1', port: management } }), {})).toEqual({
    kind: 'ready',
  });

  const wrong = await amqp.probe(broker.reach({ parameters: { ...parameters, password: 'wrong' } }), {});
  expect(wrong).toMatchObject({ kind: 'never', why: expect.stringContaining('ACCESS-REFUSED') });
  const nowhere = await amqp.probe(broker.reach({ parameters: { ...parameters, vhost: 'nope' } }), {});
  expect(nowhere).toEqual({ kind: 'not-yet', why: 'virtual host "nope" does not exist, or this user may not use it' });
  const url = `amqp://app:${encodeURIComponent(parameters.password)}@127.0.0.1:1/my%2Fshop`;
  const view = { url, ...broker.address, ports: {}, env: {} };
  expect(await amqp.probe(broker.reach({ parameters: {}, view }), {})).toEqual({ kind: 'ready' });
}, 120_000);
