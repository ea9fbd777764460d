import { type Connection, escapeId, type RowDataPacket } from 'mysql2';
import type { Ledger, LedgerEntry, ServiceAccess } from '../../model/protocol.js';
import { codeOf } from '../shared/attempt.js';
import { answering } from '../shared/ledger.js';
import { login } from '../shared/login.js';
import { withConnection } from './session.js';

/** Which seeds a database holds, in the database: table `envctl_seeds`. */
export function mysqlLedger(reach: ServiceAccess): Ledger {
  const write = async (connection: Connection, entry: LedgerEntry): Promise<void> => {
    await makeLedger(connection, reach);
    await writeEntry(connection, reach, entry);
  };
  return answering(reach, {
    read: () => withConnection(reach, (connection) => readEntries(connection, reach)),
    write: (entry) => withConnection(reach, (connection) => write(connection, entry)),
  });
}

/** Written with its database, since a seed file may switch to another one. */
function tableOf(reach: ServiceAccess): string {
  const { database } = login(reach);
  return database === '' ? 'envctl_seeds' : `${escapeId(database, true)}.envctl_seeds`;
}

/** Ends the transaction, as every CREATE does here. */
export async function makeLedger(connection: Connection, reach: ServiceAccess): Promise<void> {
  const columns =
    'step INT PRIMARY KEY, hash VARCHAR(255) NOT NULL, state VARCHAR(16) NOT NULL, at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP';
  await connection.promise().query(`CREATE TABLE IF NOT EXISTS ${tableOf(reach)} (${columns}) ENGINE=InnoDB`);
}

/** Writes one entry within the connection's transaction. */
export async function writeEntry(
  connection: Connection,
  reach: ServiceAccess,
  { index, hash, state }: LedgerEntry,
): Promise<void> {
  await connection
    .promise()
    .query(`REPLACE INTO ${tableOf(reach)} (step, hash, state) VALUES (?, ?, ?)`, [index, hash, state]);
}

export async function readEntries(connection: Connection, reach: ServiceAccess): Promise<readonly LedgerEntry[]> {
  try {
    const [rows] = await connection
      .promise()
      .query<(LedgerEntry & RowDataPacket)[]>(
        `SELECT step AS \`index\`, hash, state FROM ${tableOf(reach)} ORDER BY step`,
      );
    return rows.map(({ index, hash, state }) => ({ index, hash, state }));
  } catch (error) {
    if (['ER_NO_SUCH_TABLE', 'ER_NO_DB_ERROR'].includes(codeOf(error) ?? '')) return [];
    throw error;
  }
}
