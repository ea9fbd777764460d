import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitOnResources } from '../../src/protocols/wait-on/wait-on.js';
import { reachTo } from '../testing/reach.js';

const folder = mkdtempSync(join(tmpdir(), 'envctl-wait-on-'));
const server = createServer((request, response) => response.writeHead(request.url === '/good' ? 200 : 503).end());
let base = '';
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});
const probe = (resource: string | string[]) => waitOnResources.probe(reachTo(0, { address: null }), { resource });

test('wait-on is ready if one or several resources are available', async () => {
  const file = join(folder, 'ready');
  writeFileSync(file, 'x');
  expect(await probe([`tcp:${base}`, `http-get://${base}/good`])).toEqual({ kind: 'ready' });
  expect(await probe(`file:${file}`)).toEqual({ kind: 'ready' });
  expect(await probe('command:true')).toEqual({ kind: 'ready' });
});

test('wait-on names a resource that is not available, within one bounded attempt', async () => {
  expect(await probe([`tcp:${base}`, 'tcp:127.0.0.1:1'])).toEqual({
    kind: 'not-yet',
    why: 'not available yet: tcp:127.0.0.1:1',
  });
  expect(await probe(`http-get://${base}/bad`)).toMatchObject({ kind: 'not-yet' });
});

test('wait-on answers never for an invalid resource', async () => {
  expect(await probe('tcp://127.0.0.1:1')).toMatchObject({
    kind: 'never',
    why: expect.stringContaining('Invalid resource'),
  });
});
