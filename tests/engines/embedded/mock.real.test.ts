import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  context,
  environment,
  newEngine,
  observed,
  prepared,
  project,
  signal,
  until,
  up,
} from '../../testing/embedded-environment.js';
import { admin, ask, cases } from './mock-cases.js';
import { compileMock } from './mock-program.js';

let url = '';
const engine = newEngine({ mockProgram: compileMock(join(project, 'mock-program')) });
const wanted = environment('mock-1', { partner: { run: 'mock', ports: { main: null } } });
const stub = (path: string, body: string, more: object = {}): object => ({
  request: { urlPath: path },
  response: { body },
  ...more,
});

async function reachable(): Promise<void> {
  url = `http://127.0.0.1:${(await observed(engine, 'mock-1', 'partner'))?.outside.main?.port}`;
  await until(
    () =>
      admin(url, 'GET', 'health').then(
        ({ status }) => status,
        () => 0,
      ),
    (status) => status === 200,
  );
}

beforeAll(async () => {
  await up(engine, wanted);
  await reachable();
});

beforeEach(async () => {
  await admin(url, 'DELETE', 'mappings');
  await admin(url, 'POST', 'reset');
});

describe('the mock server answers like WireMock', () => {
  test.each(cases)('to $title', async ({ mappings, asks }) => {
    expect(await admin(url, 'POST', 'mappings/import', { mappings })).toEqual({ status: 200, json: {} });

    for (const [request, answer, init] of asks)
      expect(`${request} → ${await ask(url, request, init)}`).toBe(`${request} → ${answer}`);
  });

  test('after the delay of a stub', async () => {
    await admin(url, 'POST', 'mappings', {
      request: { urlPath: '/slow' },
      response: { body: 'slow', fixedDelayMilliseconds: 300 },
    });
    const startedAt = performance.now();

    expect(await ask(url, 'GET /slow')).toBe('200 slow');

    expect(performance.now() - startedAt).toBeGreaterThan(290);
  });

  test('with the headers of a stub and a content length', async () => {
    await admin(url, 'POST', 'mappings', {
      request: { urlPath: '/h' },
      response: { jsonBody: { a: 1 }, headers: { 'Content-Type': 'application/json', 'X-Two': ['a', 'b'] } },
    });

    const { headers } = await fetch(`${url}/h`);

    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'application/json',
      'x-two': 'a, b',
      'content-length': '7',
    });
  });
});

describe('the admin API of the mock server', () => {
  test('adds, shows, replaces and removes a mapping', async () => {
    const made = await admin(url, 'POST', 'mappings', stub('/x', 'one'));
    const { id } = made.json as { id: string };
    expect(made).toMatchObject({ status: 201, json: { id, uuid: id, request: { urlPath: '/x' } } });
    expect((await admin(url, 'GET', `mappings/${id}`)).json).toEqual(made.json);

    await admin(url, 'PUT', `mappings/${id}`, stub('/x', 'two'));
    expect(await ask(url, 'GET /x')).toBe('200 two');

    expect((await admin(url, 'DELETE', `mappings/${id}`)).status).toBe(200);
    expect(await ask(url, 'GET /x')).toBe('404');
    expect((await admin(url, 'GET', `mappings/${id}`)).status).toBe(404);
  });

  test('imports by id: overwrites, ignores or removes existing mappings', async () => {
    const id = '6e7bd1b6-0000-4000-8000-000000000001';
    await admin(url, 'POST', 'mappings/import', { mappings: [stub('/x', 'one', { id }), stub('/y', 'y')] });

    await admin(url, 'POST', 'mappings/import', {
      mappings: [stub('/x', 'two', { id })],
      importOptions: { duplicatePolicy: 'IGNORE' },
    });
    expect(await ask(url, 'GET /x')).toBe('200 one');
    await admin(url, 'POST', 'mappings/import', {
      mappings: [stub('/x', 'two', { id })],
      importOptions: { duplicatePolicy: 'OVERWRITE', deleteAllNotInImport: true },
    });

    expect(await ask(url, 'GET /x')).toBe('200 two');
    expect((await admin(url, 'GET', 'mappings?limit=0')).json).toEqual({ mappings: [], meta: { total: 1 } });
  });

  test.each([
    ['an unknown key', { request: { urlPth: '/x' } }, '/mappings/1/request/urlPth'],
    ['an unknown operator', { request: { headers: { A: { almost: 'x' } } } }, '/mappings/1/request/headers/A'],
    ['an invalid pattern', { request: { urlPathPattern: '(' } }, '/mappings/1/request/urlPathPattern'],
    [
      'a response template',
      { response: { body: 'x', transformers: ['response-template'] } },
      '/mappings/1/response/transformers',
    ],
    [
      'a JSON path with more than names and indexes',
      { request: { bodyPatterns: [{ matchesJsonPath: '$..x' }] } },
      '/mappings/1/request/bodyPatterns/0/matchesJsonPath',
    ],
    ['an unsupported fault', { response: { fault: 'RANDOM_DATA_THEN_CLOSE' } }, '/mappings/1/response/fault'],
  ])('refuses %s with its position and imports no mapping', async (_, mapping, pointer) => {
    const { status, json } = await admin(url, 'POST', 'mappings/import', {
      mappings: [stub('/fine', 'fine'), mapping],
    });

    expect({ status, errors: (json as { errors: { source: unknown }[] }).errors.map(({ source }) => source) }).toEqual({
      status: 422,
      errors: [{ pointer }],
    });
    expect(await ask(url, 'GET /fine')).toBe('404');
  });

  test('lists all requests, those without a stub, and those that match a pattern', async () => {
    await admin(url, 'POST', 'mappings', stub('/x', 'x'));
    await ask(url, 'POST /x', { body: 'hello' });
    await ask(url, 'GET /nothing?a=1');

    const all = (await admin(url, 'GET', 'requests')).json as {
      requests: { wasMatched: boolean; request: { url: string } }[];
    };
    expect(all.requests.map(({ wasMatched, request }) => `${wasMatched} ${request.url}`)).toEqual([
      'false /nothing?a=1',
      'true /x',
    ]);
    expect((await admin(url, 'GET', 'requests/unmatched')).json).toMatchObject({
      requests: [{ url: '/nothing?a=1', method: 'GET' }],
    });
    expect(
      (
        await admin(url, 'POST', 'requests/count', {
          method: 'POST',
          urlPath: '/x',
          bodyPatterns: [{ contains: 'hell' }],
        })
      ).json,
    ).toMatchObject({ count: 1 });
    expect((await admin(url, 'POST', 'requests/find', { urlPath: '/x' })).json).toMatchObject({
      requests: [{ body: 'hello', bodyAsBase64: 'aGVsbG8=' }],
    });

    await admin(url, 'DELETE', 'requests');
    expect((await admin(url, 'GET', 'requests')).json).toMatchObject({ requests: [] });
  });

  test('restores persistent mappings on reset and after a restart', async () => {
    await admin(url, 'POST', 'mappings/import', {
      mappings: [stub('/kept', 'kept', { persistent: true }), stub('/lost', 'lost')],
    });
    await admin(url, 'POST', 'mappings/reset');
    expect([await ask(url, 'GET /kept'), await ask(url, 'GET /lost')]).toEqual(['200 kept', '404']);

    await engine.stop('mock-1', ['partner'], signal);
    await engine.start(await prepared(engine, wanted), 'partner', context);
    await reachable();

    expect(await ask(url, 'GET /kept')).toBe('200 kept');
  });

  test('resets scenarios', async () => {
    const scenario = { scenarioName: 's', requiredScenarioState: 'Started', newScenarioState: 'over' };
    await admin(url, 'POST', 'mappings', stub('/s', 'once', scenario));
    await ask(url, 'GET /s');
    expect((await admin(url, 'GET', 'scenarios')).json).toMatchObject({ scenarios: [{ name: 's', state: 'over' }] });
    expect(await ask(url, 'GET /s')).toBe('404');

    await admin(url, 'POST', 'scenarios/reset');

    expect(await ask(url, 'GET /s')).toBe('200 once');
  });
});

/** Reads the listening sockets (state 0A) from /proc/net; addresses and ports are hexadecimal. */
test.runIf(process.platform === 'linux')('the mock server listens only on 127.0.0.1', () => {
  const port = Number(new URL(url).port).toString(16).toUpperCase().padStart(4, '0');
  const listening = ['tcp', 'tcp6'].flatMap((file) =>
    readFileSync(`/proc/net/${file}`, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([, local, , state]) => state === '0A' && local?.endsWith(`:${port}`))
      .map(([, local]) => local),
  );

  expect(listening).toEqual([`0100007F:${port}`]);
});
