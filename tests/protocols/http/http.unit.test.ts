import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonMap } from '../../../src/model/json.js';
import type { SeedStep } from '../../../src/model/service.js';
import { http } from '../../../src/protocols/http/http.js';
import { reachTo, seedWith, taskOf } from '../../testing/reach.js';

let server: Server;
let seen: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[] = [];
const port = (): number => (server.address() as AddressInfo).port;

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      seen.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
      if (url === '/silent') return;
      const status = Number(/\/(\d+)/.exec(url)?.[1] ?? 200);
      response.writeHead(status, { 'content-type': 'application/json', location: '/elsewhere' });
      response.end(JSON.stringify({ status: 'up', checks: { cache: false } }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(
  () =>
    new Promise((resolve) => {
      server.closeAllConnections();
      server.close(resolve);
    }),
);

describe('the http probe', () => {
  const probe = (options: JsonMap) => http.probe(reachTo(port()), options);

  test('http is ready for 2xx and 3xx and follows no redirect', async () => {
    expect(await probe({})).toEqual({ kind: 'ready' });
    expect(await probe({ path: '/302' })).toEqual({ kind: 'ready' });
    expect(await probe({ path: '/404' })).toEqual({
      kind: 'not-yet',
      why: 'answers 404 {"status":"up","checks":{"cache":false}}',
    });
    expect(await probe({ path: '/503' })).toMatchObject({
      kind: 'not-yet',
      why: expect.stringMatching(/^answers 503/),
    });
  });

  test('http is ready only for the given status', async () => {
    expect(await probe({ path: '/401', status: 401 })).toEqual({ kind: 'ready' });
    expect(await probe({ path: '/401', status: [200, 401] })).toEqual({ kind: 'ready' });
    expect(await probe({ path: '/200', status: [401] })).toMatchObject({ kind: 'not-yet' });
  });

  test('http checks the body and values of its JSON', async () => {
    expect(await probe({ body: '"up"' })).toEqual({ kind: 'ready' });
    expect(await probe({ body: 'down' })).toEqual({ kind: 'not-yet', why: 'answers 200 without "down"' });
    expect(await probe({ json: { status: 'up' } })).toEqual({ kind: 'ready' });
    expect(await probe({ json: { checks: { cache: true } } })).toEqual({
      kind: 'not-yet',
      why: 'answers 200, but checks.cache is false, not true',
    });
  });

  test('http sends the given headers and closes its connection', async () => {
    seen = [];
    await probe({ headers: { host: 'shop.test', 'x-token': 7 } });
    expect(seen[0]?.headers).toMatchObject({ host: 'shop.test', 'x-token': '7', connection: 'close' });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await new Promise((resolve) => server.getConnections((_, count) => resolve(count)))).toBe(0);
  });

  test('http ends after its time limit, and at once on abort', async () => {
    expect(await probe({ path: '/silent' })).toEqual({ kind: 'not-yet', why: 'no answer within 2.0s' });
    const stop = new AbortController();
    const asked = http.probe(reachTo(port(), { signal: stop.signal }), { path: '/silent' });
    setTimeout(() => stop.abort(new Error('stopped')), 50);
    await expect(asked).rejects.toThrow('stopped');
  });

  test('http reports why nothing answers', async () => {
    expect(await http.probe(reachTo(1), {})).toEqual({ kind: 'not-yet', why: 'connection refused' });
    expect(await http.probe(reachTo(1, { address: null }), {})).toEqual({
      kind: 'never',
      why: 'no address of it can be reached from this host',
    });
  });
});

describe('http seeds', () => {
  const step: Omit<Extract<SeedStep<string>, { kind: 'http' }>, 'position'> = {
    kind: 'http',
    method: 'POST',
    url: '/items',
    headers: { 'x-a': 'b' },
    body: '{"a":"ü"}',
    file: null,
    status: null,
  };
  const seed = (changes: Partial<typeof step>, content?: string) =>
    seedWith(http, reachTo(port()), taskOf({ ...step, ...changes }, content));

  test('an http seed sends a body to a path of the service', async () => {
    seen = [];
    expect(await seed({})).toBe(1);
    expect(seen).toMatchObject([
      { method: 'POST', url: '/items', body: '{"a":"ü"}', headers: { 'x-a': 'b', 'content-length': '10' } },
    ]);
  });

  test('an http seed sends a file to an absolute URL with user and password', async () => {
    seen = [];
    await seed(
      { method: 'PUT', url: `http://us%40er:pa%2Fss@127.0.0.1:${port()}/files`, body: null, file: 'a.bin' },
      'from the file',
    );
    expect(seen).toMatchObject([{ method: 'PUT', url: '/files', body: 'from the file' }]);
    expect(seen[0]?.headers.authorization).toBe(`Basic ${Buffer.from('us@er:pa/ss').toString('base64')}`);
  });

  test('an http seed fails for another status and shows no secrets', async () => {
    await expect(seed({ url: `http://user:secret@127.0.0.1:${port()}/500?token=secret` })).rejects.toMatchObject({
      code: 'SEED_FAILED',
      message: `POST http://127.0.0.1:${port()}/500 answered 500`,
      detail: expect.stringContaining('"status":"up"'),
      position: { file: 'profile.yaml', line: 7 },
    });
    await expect(seed({ url: '/302' })).rejects.toMatchObject({ code: 'SEED_FAILED' });
    expect(await seed({ url: '/409', status: 409 })).toBe(1);
    await expect(seed({ url: '/200', status: 201 })).rejects.toMatchObject({ code: 'SEED_FAILED' });
  });

  test('an http seed fails if nothing answers', async () => {
    await expect(seed({ url: 'http://127.0.0.1:1/x' })).rejects.toMatchObject({
      message: 'POST http://127.0.0.1:1/x: connection refused',
    });
  });
});
