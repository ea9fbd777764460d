import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import type { ProbeResult } from '../../../src/model/protocol.js';
import { redis } from '../../../src/protocols/redis/redis.js';
import { reachTo } from '../../testing/reach.js';

/** A server that answers PING and INFO with what it is told to. */
async function askServer({ ping, info }: { ping: string; info: string }): Promise<ProbeResult> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      for (const [name] of data.toString().matchAll(/ping|info/gi))
        socket.write(name.toLowerCase() === 'ping' ? `${ping}\r\n` : `$${info.length}\r\n${info}\r\n`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await redis.probe(reachTo((server.address() as AddressInfo).port), {});
  } finally {
    server.close();
  }
}

test('a server that says PONG and has loaded its data is ready', async () => {
  expect(await askServer({ ping: '+PONG', info: '# Persistence\r\nloading:0\r\nasync_loading:0\r\n' })).toEqual({
    kind: 'ready',
  });
});

test('one that says PONG and still loads is not', async () => {
  expect(await askServer({ ping: '+PONG', info: '# Persistence\r\nloading:1\r\n' })).toEqual({
    kind: 'not-yet',
    why: 'loading its data',
  });
});

test('one that refuses to say PONG is quoted', async () => {
  const why = 'LOADING Redis is loading the dataset in memory';
  expect(await askServer({ ping: `-${why}`, info: 'loading:1\r\n' })).toEqual({ kind: 'not-yet', why });
});
