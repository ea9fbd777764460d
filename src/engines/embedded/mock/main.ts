/**
 * A mock of HTTP APIs that needs only Node: mockttp behind WireMock's mappings and admin API, so the same stub files
 * and protocol work with WireMock itself. Arguments: mockttp's entry file, the port, the file of persistent mappings.
 */
import { Server } from 'node:net';
import { pathToFileURL } from 'node:url';
import type { CompletedRequest, RequestRuleData } from 'mockttp';
import { administer, adminPath } from './admin.js';
import { record } from './journal.js';
import type { MockServer } from './mock-server.js';
import { pathAndQuery } from './request.js';
import { type MockttpLibrary, restore, ruleOf, type Stubs } from './stubs.js';

const [entry = '', port = '0', file = ''] = process.argv.slice(2);
await serve(((await import(pathToFileURL(entry).href)) as { default: MockttpLibrary }).default, Number(port), file);

async function serve(library: MockttpLibrary, onPort: number, mappings: string): Promise<void> {
  const server = library.getLocal({ recordTraffic: false, suggestChanges: false });
  const stubs: Stubs = { all: [], states: new Map(), file: mappings, library };
  const mock: MockServer = {
    stubs,
    journal: [],
    delayMs: 0,
    changed: () => server.setRequestRules(...rules(mock)).then(() => undefined),
  };
  restore(stubs);
  await mock.changed();
  listenOnLoopback();
  await server.start(onPort);
  console.log(`listening on 127.0.0.1:${onPort}`);
  process.once('SIGTERM', () => void server.stop().then(() => process.exit(0)));
}

/** mockttp always listens on every interface. Nothing else in this process listens. */
function listenOnLoopback(): void {
  const listen = Server.prototype.listen as (port: number, host: string) => Server;
  Server.prototype.listen = function (this: Server, onPort: unknown): Server {
    return listen.call(this, Number(onPort), '127.0.0.1');
  } as typeof Server.prototype.listen;
}

/** In order of priority: the admin API, the stubs, the answer to requests that match no stub. */
function rules(mock: MockServer): RequestRuleData[] {
  const { completionCheckers, matchers, requestSteps } = mock.stubs.library;
  const completionChecker = new completionCheckers.Always();
  const log = (request: CompletedRequest, stub: string | null): Promise<void> => record(mock.journal, request, stub);
  const isAdmin = new matchers.CallbackMatcher(({ url }) => adminPath.test(new URL(url).pathname));
  const fallback = async (request: CompletedRequest): Promise<HttpReply> => {
    await log(request, null);
    return unmatched(request, mock);
  };
  return [
    {
      priority: 1e9,
      matchers: [isAdmin],
      steps: [new requestSteps.CallbackStep((request) => administered(mock, request))],
      completionChecker,
    },
    ...mock.stubs.all.map((stub) =>
      ruleOf(mock.stubs, stub, { delayMs: mock.delayMs, record: (request) => log(request, stub.id) }),
    ),
    {
      priority: 0,
      matchers: [new matchers.WildcardMatcher()],
      steps: [new requestSteps.CallbackStep(fallback)],
      completionChecker,
    },
  ];
}

interface HttpReply {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

async function administered(mock: MockServer, request: CompletedRequest): Promise<HttpReply> {
  const { statusCode, json } = await administer(mock, request);
  return {
    statusCode,
    headers: { 'content-type': 'application/json' },
    body: json === undefined ? '' : JSON.stringify(json),
  };
}

function unmatched(request: CompletedRequest, { stubs }: MockServer): HttpReply {
  const title = `Request was not matched: ${request.method} ${pathAndQuery(request.url)}`;
  const patterns = stubs.all.map(({ json }) => JSON.stringify(json.request ?? {}));
  return {
    statusCode: 404,
    headers: { 'content-type': 'text/plain' },
    body: [title, `Known stubs: ${patterns.length}`, ...patterns, ''].join('\n'),
  };
}
