import { type Connection, escapeId, type RowDataPacket } from 'mysql2';
import type { Ledger, LedgerEntry, ServiceAccess } from '../../model/protocol.js';
import { codeOf } from '../shared/errors.js';
import { reportingLedger } from '../shared/ledger.js';
import { login } from '../shared/login.js';
import { withConnection } from './session.js';

/** The table `envctl_seeds` in the service's database. */
export function mysqlLedger(access: ServiceAccess): Ledger {
  const write = async (connection: Connection, entry: LedgerEntry): Promise<void> => {
    await makeLedger(connection, access);
    await writeEntry(connection, access, entry);
  };
  return reportingLedger(access, {
    read: () => withConnection(access, (connection) => readEntries(connection, access)),
    write: (entry) => withConnection(access, (connection) => write(connection, entry)),
  });
}

/** Qualified with its database, since a seed file may switch to another one. */
function tableOf(access: ServiceAccess): string {
  const { database } = login(access);
  return database === '' ? 'envctl_seeds' : `${escapeId(database, true)}.envctl_seeds`;
}

/** Ends the transaction, as every CREATE does in MySQL. */
export async function makeLedger(connection: Connection, access: ServiceAccess): Promise<void> {
  const columns =
    'step INT PRIMARY KEY, hash VARCHAR(255) NOT NULL, state VARCHAR(16) NOT NULL, ' +
    'at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP';
  await connection.promise().query(`CREATE TABLE IF NOT EXISTS ${tableOf(access)} (${columns}) ENGINE=InnoDB`);
}

/** Writes one entry within the connection's transaction. */
export async function writeEntry(
  connection: Connection,
  access: ServiceAccess,
  { index, hash, state }: LedgerEntry,
): Promise<void> {
  await connection
    .promise()
    .query(`REPLACE INTO ${tableOf(access)} (step, hash, state) VALUES (?, ?, ?)`, [index, hash, state]);
}

export async function readEntries(connection: Connection, access: ServiceAccess): Promise<readonly LedgerEntry[]> {
  try {
    const [rows] = await connection
      .promise()
      .query<(LedgerEntry & RowDataPacket)[]>(
        `SELECT step AS \`index\`, hash, state FROM ${tableOf(access)} ORDER BY step`,
      );
    return rows.map(({ index, hash, state }) => ({ index, hash, state }));
  } catch (error) {
    if (['ER_NO_SUCH_TABLE', 'ER_NO_DB_ERROR'].includes(codeOf(error) ?? '')) return [];
    throw error;
  }
}
