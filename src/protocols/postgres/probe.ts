import type { JsonMap } from '../../model/json.js';
import { never, notYet, type ProbeResult, ready, type ServiceAccess } from '../../model/protocol.js';
import { ATTEMPT_MS, attempt } from '../shared/attempt.js';
import { codeOf, messageOf } from '../shared/errors.js';
import { newClient } from './session.js';

/**
 * Ready when the app's user gets an answer from the app's database over TCP; while the image initializes, its temporary
 * server listens on a unix socket only. `query` must return a row whose first column is neither null, false nor 0.
 */
export async function probePostgres(access: ServiceAccess, options: JsonMap): Promise<ProbeResult> {
  return attempt(access, async (at, signal) => {
    const client = newClient(access, { at, signal, settings: `-c statement_timeout=${ATTEMPT_MS}` });
    try {
      await client.connect();
      const answer = await ask(client, options.query);
      // An open session would block CREATE DATABASE … TEMPLATE.
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
 * SQLSTATEs (PostgreSQL's appendix A) for which waiting is useless. The image listens on TCP only when its users exist.
 * A missing database (3D000) or table may still be created by a job.
 */
const final: Readonly<Record<string, string>> = {
  '28P01': '',
  '28000': '',
  '42601': 'invalid query: ',
};

function refused(error: unknown): ProbeResult {
  const prefix = final[codeOf(error) ?? ''];
  if (prefix === undefined) throw error;
  return never(`${prefix}${messageOf(error)}`);
}
