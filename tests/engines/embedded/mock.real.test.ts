import { networkInterfaces } from 'node:os';
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

describe('the mock server that needs Node alone answers as WireMock does to', () => {
  test.each(cases)('$title', async ({ mappings, asks }) => {
    expect(await admin(url, 'POST', 'mappings/import', { mappings })).toEqual({ status: 200, json: {} });

    for (const [request, answer, init] of asks)
      expect(`${request} → ${await ask(url, request, init)}`).toBe(`${request} → ${answer}`);
  });

  test('a delay', async () => {
    await admin(url, 'POST', 'mappings', {
      request: { urlPath: '/slow' },
      response: { body: 'slow', fixedDelayMilliseconds: 300 },
    });
    const began = performance.now();

    expect(await ask(url, 'GET /slow')).toBe('200 slow');

    expect(performance.now() - began).toBeGreaterThan(290);
  });

  test('headers as they were written, and with a length', async () => {
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

describe('its administration', () => {
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

  test('imports by id: overwrites, leaves alone, or removes what is not in the import', async () => {
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
    ['a pattern that is none', { request: { urlPathPattern: '(' } }, '/mappings/1/request/urlPathPattern'],
    [
      'a template that it cannot fill in',
      { response: { body: 'x', transformers: ['response-template'] } },
      '/mappings/1/response/transformers',
    ],
    [
      'a path that is more than names and indexes',
      { request: { bodyPatterns: [{ matchesJsonPath: '$..x' }] } },
      '/mappings/1/request/bodyPatterns/0/matchesJsonPath',
    ],
    ['a fault it cannot make', { response: { fault: 'RANDOM_DATA_THEN_CLOSE' } }, '/mappings/1/response/fault'],
  ])('refuses %s at its place, and takes nothing of the whole import', async (_, mapping, pointer) => {
    const { status, json } = await admin(url, 'POST', 'mappings/import', {
      mappings: [stub('/fine', 'fine'), mapping],
    });

    expect({ status, errors: (json as { errors: { source: unknown }[] }).errors.map(({ source }) => source) }).toEqual({
      status: 422,
      errors: [{ pointer }],
    });
    expect(await ask(url, 'GET /fine')).toBe('404');
  });

  test('tells which requests came, which of them nothing matched, and how many were like this', async () => {
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

  test('goes back to what was made to last, and keeps that over a restart', async () => {
    await admin(url, 'POST', 'mappings/import', {
      mappings: [stub('/lasts', 'lasts', { persistent: true }), stub('/passes', 'passes')],
    });
    await admin(url, 'POST', 'mappings/reset');
    expect([await ask(url, 'GET /lasts'), await ask(url, 'GET /passes')]).toEqual(['200 lasts', '404']);

    await engine.stop('mock-1', ['partner'], signal);
    await engine.start(await prepared(engine, wanted), 'partner', context);
    await reachable();

    expect(await ask(url, 'GET /lasts')).toBe('200 lasts');
  });

  test('starts scenarios over', async () => {
    const scenario = { scenarioName: 's', requiredScenarioState: 'Started', newScenarioState: 'over' };
    await admin(url, 'POST', 'mappings', stub('/s', 'once', scenario));
    await ask(url, 'GET /s');
    expect((await admin(url, 'GET', 'scenarios')).json).toMatchObject({ scenarios: [{ name: 's', state: 'over' }] });
    expect(await ask(url, 'GET /s')).toBe('404');

    await admin(url, 'POST', 'scenarios/reset');

    expect(await ask(url, 'GET /s')).toBe('200 once');
  });
});

test('it listens on loopback alone', async () => {
  const others = Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .filter(({ internal, family }) => !internal && family === 'IPv4');

  for (const { address } of others)
    expect(await ask(url.replace('127.0.0.1', address), 'GET /__admin/health')).toBe('broken');
  expect((await admin(url, 'GET', 'health')).status).toBe(200);
});
