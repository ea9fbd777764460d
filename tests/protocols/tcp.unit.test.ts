import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { tcp } from '../../src/protocols/tcp/tcp.js';
import { reachTo } from '../testing/reach.js';

async function against<T>(serve: (socket: Socket) => void, ask: (port: number) => Promise<T>): Promise<T> {
  const server = createServer({ allowHalfOpen: true }, (socket) => serve(socket.on('error', () => undefined)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await ask((server.address() as AddressInfo).port);
  } finally {
    server.close();
  }
}
const probe = (port: number) => tcp.probe(reachTo(port), {});

test('tcp is ready if a connection stays open for 50 ms, with or without a greeting', async () => {
  const started = performance.now();
  expect(await against(() => undefined, probe)).toEqual({ kind: 'ready' });
  expect(performance.now() - started).toBeGreaterThan(45);
  expect(await against((socket) => socket.write('220 hello\r\n'), probe)).toEqual({ kind: 'ready' });
});

test.each<[string, (socket: Socket) => void]>([
  ['ended', (socket) => socket.end()],
  ['ended after a greeting', (socket) => socket.end('busy\r\n')],
  ['ended 20 ms later', (socket) => setTimeout(() => socket.end(), 20)],
  ['reset', (socket) => socket.resetAndDestroy()],
])('tcp is not ready if a connection is accepted and then %s, as by docker-proxy', async (_, serve) => {
  expect(await against(serve, probe)).toEqual({ kind: 'not-yet', why: 'connection closed by the server' });
});

test('tcp reports a refused connection', async () => {
  expect(await probe(1)).toEqual({ kind: 'not-yet', why: 'connection refused' });
});
