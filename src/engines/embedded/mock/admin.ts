/** The part of WireMock's admin API that tests use (wiremock.org/docs/standalone/admin-api-reference). */
import type { CompletedRequest } from 'mockttp';
import type { Json } from '../../../model/json.js';
import type { AdminReply, MockServer } from './mock-server.js';
import { isRefusal } from './refusal.js';
import { routes } from './routes.js';
import { mapAt } from './shape.js';

export const adminPath = /^\/__admin(\/|$)/;

/** Answers a request to `/__admin`: 404 for an unknown path, 422 with WireMock's error document for invalid input. */
export async function administer(mock: MockServer, request: CompletedRequest): Promise<AdminReply> {
  const { pathname, searchParams } = new URL(request.url);
  const path = pathname.replace(/^\/__admin\/?/, '').replace(/\/$/, '');
  const id = decodeURIComponent(path.slice(path.lastIndexOf('/') + 1));
  const handler =
    routes[`${request.method} ${path}`] ??
    (/^mappings\/[^/]+$/.test(path) ? routes[`${request.method} mappings/*`] : undefined);
  if (!handler) return { statusCode: 404 };
  try {
    return await handler({
      mock,
      id,
      query: searchParams,
      body: async () => mapAt(parseJson((await request.body.getText()) ?? ''), ''),
    });
  } catch (error) {
    if (error instanceof SyntaxError) return invalid('', error.message);
    if (isRefusal(error)) return invalid(error.pointer, error.message);
    throw error;
  }
}

const parseJson = (text: string): Json => JSON.parse(text === '' ? '{}' : text) as Json;
const invalid = (pointer: string, detail: string): AdminReply => ({
  statusCode: 422,
  json: { errors: [{ code: 10, source: { pointer }, title: 'Error parsing JSON', detail }] },
});
