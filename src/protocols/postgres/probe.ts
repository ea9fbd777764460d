import type { JsonMap } from '../../model/json.js';
import type { ProbeResult, ServiceAccess } from '../../model/protocol.js';
import { ATTEMPT_MS, attempt, codeOf, never, notYet, ready, words } from '../shared/attempt.js';
import { newClient } from './session.js';

/**
 * Ready when the app's user gets an answer from the app's database over TCP: while the image initialises, its temporary server listens
 * on a unix socket only. `query` must then return a row whose first column is neither null, false nor 0.
 */
export async function probePostgres(reach: ServiceAccess, options: JsonMap): Promise<ProbeResult> {
  return attempt(reach, async (at, signal) => {
    const client = newClient(reach, { at, signal, settings: `-c statement_timeout=${ATTEMPT_MS}` });
    try {
      await client.connect();
      const answer = await ask(client, options.query);
      // A session that lingers would stand in the way of CREATE DATABASE … TEMPLATE.
      await client.end();
      return answer;
    } catch (error) {
      return refused(error);
    }
  });
}

interface Rows {
  query(question: { text: string; rowMode: 'array' }): Promise<{ rows: unknown[][] }>;
}

async function ask(client: Rows, query: unknown): Promise<ProbeResult> {
  if (typeof query !== 'string') {
    await client.query({ text: 'SELECT 1', rowMode: 'array' });
    return ready;
  }
  const { rows } = await client.query({ text: query, rowMode: 'array' });
  if (rows.length === 0) return notYet('the query returns no row');
  const first = rows[0]?.[0];
  const holds = first !== null && first !== undefined && first !== false && String(first) !== '0';
  return holds ? ready : notYet(`the query answers ${String(first)}`);
}

/**
 * SQLSTATEs (PostgreSQL's appendix A) that waiting cannot mend. Credentials are those the image itself was told to create, and it listens
 * on TCP only when they exist. A missing database (3D000) or table may still be made by a job, so those are worth waiting for.
 */
const hopeless: Readonly<Record<string, string>> = {
  '28P01': '',
  '28000': '',
  '42601': 'the query cannot be read: ',
};

function refused(error: unknown): ProbeResult {
  const prefix = hopeless[codeOf(error) ?? ''];
  if (prefix === undefined) throw error;
  return never(`${prefix}${words(error)}`);
}
