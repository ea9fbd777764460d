import type { JsonMap } from '../../../model/json.js';
import { type JournalEntry, logged, matching, served } from './journal.js';
import type { AdminCall, AdminHandler, AdminReply, MockServer } from './mock-server.js';
import { listAt, mapAt, numberAt, textAt } from './shape.js';
import {
  dropStub,
  putStub,
  readStub,
  restore,
  type Stub,
  type Stubs,
  saveAll,
  savePersistent,
  stateOf,
} from './stubs.js';

const done: AdminReply = { statusCode: 200, json: {} };
const notFound: AdminReply = { statusCode: 404 };

/** Handlers by method and path after `/__admin/`. */
export const routes: Readonly<Record<string, AdminHandler>> = {
  'GET health': () => ({
    statusCode: 200,
    json: { status: 'healthy', message: 'The mock server of envctl is running' },
  }),
  'GET mappings': ({ mock, query }) =>
    page(
      mock.stubs.all.map(({ json }) => json),
      query,
      'mappings',
    ),
  'POST mappings': async ({ mock, body }) => added(mock, readStub(await body(), ''), 201),
  'DELETE mappings': (call) => removeAll(call),
  'GET mappings/*': ({ mock, id }) => found(mock, id, (stub) => ({ statusCode: 200, json: stub.json })),
  'PUT mappings/*': async ({ mock, id, body }) =>
    found(mock, id, async () => added(mock, readStub({ ...(await body()), id }, ''), 200)),
  'DELETE mappings/*': async ({ mock, id }) =>
    found(mock, id, async () => {
      dropStub(mock.stubs, id);
      return afterChange(mock);
    }),
  'POST mappings/import': async ({ mock, body }) => importAll(mock, await body()),
  'POST mappings/save': ({ mock }) => {
    saveAll(mock.stubs);
    return done;
  },
  'POST mappings/reset': ({ mock }) => {
    restore(mock.stubs);
    return afterChange(mock);
  },
  'POST reset': ({ mock }) => {
    restore(mock.stubs);
    mock.journal.length = 0;
    return afterChange(mock);
  },
  'GET requests': ({ mock, query }) =>
    page(
      [...mock.journal]
        .reverse()
        .filter(({ stub }) => query.get('unmatched') !== 'true' || stub === null)
        .map(served),
      query,
      'requests',
    ),
  'DELETE requests': ({ mock }) => {
    mock.journal.length = 0;
    return done;
  },
  'GET requests/unmatched': ({ mock }) => requests(mock.journal.filter(({ stub }) => stub === null)),
  'POST requests/count': async ({ mock, body }) => ({
    statusCode: 200,
    json: { count: (await matching(mock.journal, await body())).length, requestJournalDisabled: false },
  }),
  'POST requests/find': async ({ mock, body }) => requests(await matching(mock.journal, await body())),
  'GET scenarios': ({ mock }) => ({ statusCode: 200, json: { scenarios: scenarios(mock.stubs) } }),
  'POST scenarios/reset': ({ mock }) => {
    mock.stubs.states.clear();
    return done;
  },
  'GET settings': ({ mock }) => ({ statusCode: 200, json: { settings: { fixedDelay: mock.delayMs } } }),
  'POST settings': async ({ mock, body }) => {
    mock.delayMs = numberAt((await body()).fixedDelay, '/fixedDelay', 0);
    return afterChange(mock);
  },
};

async function afterChange(mock: MockServer): Promise<AdminReply> {
  await mock.changed();
  return done;
}

async function added(mock: MockServer, stub: Stub, statusCode: number): Promise<AdminReply> {
  putStub(mock.stubs, stub);
  if (stub.json.persistent === true) savePersistent(mock.stubs);
  await mock.changed();
  return { statusCode, json: stub.json };
}

const found = (
  mock: MockServer,
  id: string,
  then: (stub: Stub) => AdminReply | Promise<AdminReply>,
): AdminReply | Promise<AdminReply> => {
  const stub = mock.stubs.all.find((one) => one.id === id);
  return stub ? then(stub) : notFound;
};

/** Reads all mappings before it changes any, so an invalid file changes nothing. */
async function importAll(mock: MockServer, body: JsonMap): Promise<AdminReply> {
  const options = mapAt(body.importOptions, '/importOptions');
  const stubs = listAt(body.mappings, '/mappings').map((json, index) => readStub(json, `/mappings/${index}`));
  const ids = new Set(stubs.map(({ id }) => id));
  if (options.deleteAllNotInImport === true)
    for (const { id } of [...mock.stubs.all]) if (!ids.has(id)) dropStub(mock.stubs, id);
  const existing = new Set(mock.stubs.all.map(({ id }) => id));
  for (const stub of [...stubs].reverse())
    if (options.duplicatePolicy !== 'IGNORE' || !existing.has(stub.id)) putStub(mock.stubs, stub);
  if (stubs.some(({ json }) => json.persistent === true)) savePersistent(mock.stubs);
  return afterChange(mock);
}

async function removeAll({ mock }: AdminCall): Promise<AdminReply> {
  mock.stubs.all.length = 0;
  savePersistent(mock.stubs);
  return afterChange(mock);
}

function page(all: readonly JsonMap[], query: URLSearchParams, name: string): AdminReply {
  const offset = Number(query.get('offset') ?? 0);
  const limit = Number(query.get('limit') ?? all.length);
  return { statusCode: 200, json: { [name]: all.slice(offset, offset + limit), meta: { total: all.length } } };
}

const requests = (entries: readonly JournalEntry[]): AdminReply => ({
  statusCode: 200,
  json: { requests: entries.map(logged), requestJournalDisabled: false },
});

function scenarios(stubs: Stubs): readonly JsonMap[] {
  const names = new Set(
    stubs.all.flatMap(({ json }) => (json.scenarioName === undefined ? [] : [textAt(json.scenarioName, '')])),
  );
  return [...names].map((name) => ({ id: name, name, state: stateOf(stubs, name) }));
}
