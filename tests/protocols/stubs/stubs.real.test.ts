import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { EnvctlError } from '../../../src/model/errors.js';
import type { Protocol, ServiceAccess } from '../../../src/model/protocol.js';
import { mockserver } from '../../../src/protocols/mockserver/mockserver.js';
import { wiremock } from '../../../src/protocols/wiremock/wiremock.js';
import { ledgerOf, seedWith, taskOf } from '../../testing/reach.js';
import { type Server, startServer, untilReady } from '../../testing/real-server.js';

const hash = '0123456789abcdef';
const seedOf =
  (protocol: Protocol, reach: () => ServiceAccess) =>
  (content: unknown, entry = {}) =>
    seedWith(
      protocol,
      reach(),
      taskOf(
        { kind: 'stubs', file: 'm.json' },
        typeof content === 'string' ? content : JSON.stringify(content, null, 2),
        {
          hash,
          ...entry,
        },
      ),
    );
async function failureOf(seeding: Promise<unknown>): Promise<EnvctlError> {
  const error = await seeding.then(
    () => expect.fail('the seed was taken'),
    (thrown: EnvctlError) => thrown,
  );
  expect(error.code).toBe('SEED_FAILED');
  return error;
}
async function statusOf(server: Server, path: string): Promise<number> {
  return (await fetch(`http://127.0.0.1:${server.address.port}${path}`)).status;
}

describe('WireMock', () => {
  let server: Server;
  beforeAll(async () => {
    server = await startServer({ image: 'wiremock/wiremock:3.13.2', port: 8080 });
    const answers = await untilReady(wiremock, server.reach());
    expect(answers.slice(0, -1).every((answer) => answer.kind === 'not-yet')).toBe(true);
  }, 60_000);
  afterAll(() => server?.[Symbol.asyncDispose]());
  beforeEach(() => fetch(`http://127.0.0.1:${server.address.port}/__admin/mappings`, { method: 'DELETE' }));

  const seed = seedOf(wiremock, () => server.reach());
  const ledger = () => ledgerOf(wiremock, server.reach()).read();
  const stub = (path: string, status = 200) => ({ request: { urlPath: path }, response: { status } });

  test('WireMock answers the first request after it is ready', async () => {
    expect(await statusOf(server, '/__admin/mappings')).toBe(200);
  });

  test('WireMock loads one mapping, a list, and its own export format', async () => {
    expect(await seed(stub('/one'), { index: 0 })).toBe(1);
    expect(await seed([stub('/two'), stub('/three', 201)], { index: 1 })).toBe(2);
    expect(await seed({ mappings: [stub('/four')], meta: { total: 1 } }, { index: 2 })).toBe(1);
    expect([await statusOf(server, '/one'), await statusOf(server, '/three'), await statusOf(server, '/four')]).toEqual(
      [200, 201, 200],
    );
    expect(await ledger()).toEqual([0, 1, 2].map((index) => ({ index, hash, state: 'done' })));
  });

  test('WireMock replaces an earlier version of a seed and loads it only once', async () => {
    await seed([stub('/a'), stub('/b')]);
    await seed([stub('/a'), stub('/b')]);
    await seed([stub('/a', 202)], { hash: 'fedcba9876543210' });
    expect([await statusOf(server, '/a'), await statusOf(server, '/b')]).toEqual([202, 404]);
    expect(await ledger()).toEqual([{ index: 0, hash: 'fedcba9876543210', state: 'done' }]);
  });

  test('a WireMock seed counts as not loaded if one of its stubs is removed', async () => {
    await seed([stub('/a'), stub('/b')]);
    const { mappings } = (await (await fetch(`http://127.0.0.1:${server.address.port}/__admin/mappings`)).json()) as {
      mappings: { id: string }[];
    };
    await fetch(`http://127.0.0.1:${server.address.port}/__admin/mappings/${mappings[0]?.id}`, { method: 'DELETE' });
    expect(await ledger()).toEqual([]);
  });

  test('a WireMock seed reports the position of a refused mapping and loads nothing', async () => {
    const error = await failureOf(
      seed(
        '{ "mappings": [\n  { "request": { "urlPath": "/a" }, "response": {} },\n' +
          '  { "request": {\n    "urlPth": "/b" } }\n] }',
      ),
    );
    expect(error.message).toBe('WireMock: Unrecognized field "urlPth"');
    expect(error.position).toEqual({ file: 'm.json', line: 4, column: 15 });
    expect(await statusOf(server, '/a')).toBe(404);
  });

  test('a WireMock seed fails if fewer stubs are loaded than the file has', async () => {
    const id = '11111111-1111-4111-8111-111111111111';
    const error = await failureOf(
      seed([
        { id, ...stub('/a') },
        { id, ...stub('/b') },
      ]),
    );
    expect(error.message).toBe('Only 1 of 2 stubs are loaded');
    expect(error.position).toMatchObject({ file: 'm.json' });
  });

  test('a WireMock seed fails if the file is not JSON or a stub is not a map', async () => {
    expect(await failureOf(seed('[\n  { "request": {} },\n]'))).toMatchObject({
      message: 'Invalid JSON in the seed file',
      position: { line: 3, column: 1 },
    });
    expect(await failureOf(seed([stub('/a'), 'x']))).toMatchObject({
      message: 'A stub must be a map',
      position: { line: 10 },
    });
  });
});

describe('MockServer', () => {
  let server: Server;
  beforeAll(async () => {
    const environment = { MOCKSERVER_ATTEMPT_TO_PROXY_IF_NO_MATCHING_EXPECTATION: 'false' };
    server = await startServer({ image: 'mockserver/mockserver:5.15.0', port: 1080, environment });
    await untilReady(mockserver, server.reach());
  }, 60_000);
  afterAll(() => server?.[Symbol.asyncDispose]());
  beforeEach(() => fetch(`http://127.0.0.1:${server.address.port}/mockserver/reset`, { method: 'PUT' }));

  const seed = seedOf(mockserver, () => server.reach());
  const ledger = () => ledgerOf(mockserver, server.reach()).read();
  const stub = (path: string, statusCode = 200) => ({ httpRequest: { path }, httpResponse: { statusCode } });

  test('MockServer loads one expectation and a list, in the order of the file', async () => {
    expect(await seed(stub('/one'), { index: 0 })).toBe(1);
    expect(await seed([stub('/two', 201), stub('/two', 202)], { index: 1 })).toBe(2);
    expect([await statusOf(server, '/one'), await statusOf(server, '/two')]).toEqual([200, 201]);
    expect(await ledger()).toEqual([0, 1].map((index) => ({ index, hash, state: 'done' })));
  });

  test('MockServer replaces an earlier version of a seed and loads it only once', async () => {
    await seed([stub('/a'), stub('/b')]);
    await seed([stub('/a'), stub('/b')]);
    await seed([stub('/a', 202)], { hash: 'fedcba9876543210' });
    expect([await statusOf(server, '/a'), await statusOf(server, '/b')]).toEqual([202, 404]);
    expect(await ledger()).toEqual([{ index: 0, hash: 'fedcba9876543210', state: 'done' }]);
  });

  test('a MockServer seed counts as not loaded if one of its expectations is used up', async () => {
    await seed([{ ...stub('/a'), times: { remainingTimes: 1, unlimited: false } }]);
    expect(await ledger()).toHaveLength(1);
    expect([await statusOf(server, '/a'), await statusOf(server, '/a')]).toEqual([200, 404]);
    expect(await ledger()).toEqual([]);
  });

  test('a MockServer seed reports the refused expectation with the message of the server', async () => {
    const bad =
      '[\n  { "httpRequest": { "path": "/a" }, "httpResponse": {} },\n' +
      '  { "httpRequest": { "pth": "/b" }, "httpResponse": {} }\n]';
    const error = await failureOf(seed(bad));
    expect(error.message).toContain('$.httpRequest.pth: is not defined in the schema');
    expect(error.position).toEqual({ file: 'm.json', line: 3, column: 3 });
  });

  test('a MockServer seed fails if fewer expectations are loaded than the file has', async () => {
    const error = await failureOf(
      seed([
        { id: 'x', ...stub('/a') },
        { id: 'x', ...stub('/b') },
      ]),
    );
    expect(error.message).toBe('Only 1 of 2 stubs are loaded');
    expect(error.position).toMatchObject({ line: 11 });
  });

  test('MockServer keeps the ids of expectations', async () => {
    await seed([{ id: 'pay', ...stub('/pay') }]);
    const verified = await fetch(
      `http://127.0.0.1:${server.address.port}/mockserver/retrieve?type=ACTIVE_EXPECTATIONS&format=JSON`,
      {
        method: 'PUT',
      },
    );
    expect(await verified.json()).toMatchObject([{ id: 'pay' }]);
  });

  test('a MockServer seed reports a server that does not answer', async () => {
    const stopped = seedOf(mockserver, () => server.reach({ address: { host: '127.0.0.1', port: 1 } }));
    expect((await failureOf(stopped(stub('/a')))).message).toBe('MockServer: connection refused');
  });
});
