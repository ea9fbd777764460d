import type { Client } from 'pg';
import type { Ledger, LedgerEntry, ServiceAccess } from '../../model/protocol.js';
import { codeOf } from '../shared/errors.js';
import { reportingLedger } from '../shared/ledger.js';
import { inTransaction, withClient } from './session.js';

/** The table `envctl.seeds` in the service's database. */
export function postgresLedger(access: ServiceAccess): Ledger {
  return reportingLedger(access, {
    read: () => withClient(access, read),
    write: (entry) => inTransaction(access, (client) => writeEntry(client, entry)),
  });
}

/** Writes one entry within the client's transaction. */
export async function writeEntry(client: Client, { index, hash, state }: LedgerEntry): Promise<void> {
  await client.query(`CREATE SCHEMA IF NOT EXISTS envctl;
    CREATE TABLE IF NOT EXISTS envctl.seeds (
      step int PRIMARY KEY, hash text NOT NULL, state text NOT NULL, at timestamptz NOT NULL DEFAULT now()
    )`);
  await client.query(
    `INSERT INTO envctl.seeds (step, hash, state) VALUES ($1, $2, $3)
     ON CONFLICT (step) DO UPDATE SET hash = excluded.hash, state = excluded.state, at = now()`,
    [index, hash, state],
  );
}

const UNDEFINED_TABLE = '42P01';

async function read(client: Client): Promise<readonly LedgerEntry[]> {
  try {
    const { rows } = await client.query<LedgerEntry>(
      'SELECT step AS index, hash, state FROM envctl.seeds ORDER BY step',
    );
    return rows;
  } catch (error) {
    if (codeOf(error) === UNDEFINED_TABLE) return [];
    throw error;
  }
}
