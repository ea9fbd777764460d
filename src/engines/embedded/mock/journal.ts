/** The requests that a server received. */
import type { CompletedRequest } from 'mockttp';
import type { Json, JsonMap } from '../../../model/json.js';
import { pathAndQuery, requestTest } from './request.js';

const maxEntries = 10_000;

export interface JournalEntry {
  readonly request: CompletedRequest;
  readonly body: string;
  readonly at: number;
  /** Id of the stub that answered; null: no stub matched. */
  readonly stub: string | null;
}

export async function record(journal: JournalEntry[], request: CompletedRequest, stub: string | null): Promise<void> {
  journal.push({ request, body: (await request.body.getText()) ?? '', at: Date.now(), stub });
  if (journal.length > maxEntries) journal.shift();
}

/** A request in the form of WireMock's journal. */
export function logged({ request, body, at }: JournalEntry): JsonMap {
  return {
    url: pathAndQuery(request.url),
    absoluteUrl: request.url,
    method: request.method,
    clientIp: request.remoteIpAddress ?? '',
    headers: request.headers as unknown as JsonMap,
    body,
    bodyAsBase64: Buffer.from(body).toString('base64'),
    loggedDate: at,
    loggedDateString: new Date(at).toISOString(),
  };
}

export const served = (entry: JournalEntry): JsonMap => ({
  id: entry.request.id,
  request: logged(entry),
  wasMatched: entry.stub !== null,
  ...(entry.stub === null ? {} : { stubMapping: { id: entry.stub } }),
});

/** The entries that a mapping's request pattern matches. Throws `Refusal` for an unknown pattern. */
export async function matching(journal: readonly JournalEntry[], pattern: Json): Promise<readonly JournalEntry[]> {
  const test = requestTest(pattern, '');
  const verdicts = await Promise.all(journal.map(({ request }) => test(request)));
  return journal.filter((_, index) => verdicts[index]);
}
