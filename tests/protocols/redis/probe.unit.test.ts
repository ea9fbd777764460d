import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import type { ProbeResult } from '../../../src/model/protocol.js';
import { redis } from '../../../src/protocols/redis/redis.js';
import { reachTo } from '../../testing/reach.js';

/** Probes a server that answers PING and INFO with the given texts. */
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

test('redis is ready if it answers PONG and has loaded its data', async () => {
  expect(await askServer({ ping: '+PONG', info: '# Persistence\r\nloading:0\r\nasync_loading:0\r\n' })).toEqual({
    kind: 'ready',
  });
});

test('redis is not ready while it loads its data', async () => {
  expect(await askServer({ ping: '+PONG', info: '# Persistence\r\nloading:1\r\n' })).toEqual({
    kind: 'not-yet',
    why: 'loading its data',
  });
});

test('redis reports the error a server answers to PING', async () => {
  const why = 'LOADING Redis is loading the dataset in memory';
  expect(await askServer({ ping: `-${why}`, info: 'loading:1\r\n' })).toEqual({ kind: 'not-yet', why });
});
