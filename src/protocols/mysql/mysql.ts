import type { EnvctlError } from '../../model/errors.js';
import type { Position } from '../../model/profile.js';
import type { Protocol } from '../../model/protocol.js';
import { withFailures } from '../shared/seed-failures.js';
import { seedCsv } from './csv.js';
import { refusal } from './failure.js';
import { mysqlLedger } from './ledger.js';
import { probeMysql } from './probe.js';
import { seedSql } from './sql.js';

/** MySQL and MariaDB. */
export const mysql: Protocol<'sql' | 'csv'> = {
  name: 'mysql',
  probe: probeMysql,
  seeds: { sql: withFailures(seedSql, nothingLeft), csv: withFailures(seedCsv, nothingLeft) },
  ledger: mysqlLedger,
};

function nothingLeft(error: unknown, position: Position): EnvctlError {
  return refusal(error, { position, left: 'nothing' });
}
