import type { EnvctlError } from '../../model/errors.js';
import type { Position } from '../../model/profile.js';
import type { Protocol } from '../../model/protocol.js';
import { withFailures } from '../shared/seed-failures.js';
import { refusal } from './failure.js';
import { mysqlLedger } from './ledger.js';
import { probeMysql } from './probe.js';
import { seedCsv } from './seed-csv.js';
import { seedSql } from './seed-sql.js';

/** MySQL and MariaDB. */
export const mysql: Protocol<'sql' | 'csv'> = {
  name: 'mysql',
  probe: probeMysql,
  seeds: { sql: withFailures(seedSql, rolledBack), csv: withFailures(seedCsv, rolledBack) },
  ledger: mysqlLedger,
};

function rolledBack(error: unknown, position: Position): EnvctlError {
  return refusal(error, { position, left: 'nothing' });
}
