import type { Protocol } from '../../model/protocol.js';
import { withFailures } from '../shared/seed-failures.js';
import { refusal } from './failure.js';
import { postgresLedger } from './ledger.js';
import { probePostgres } from './probe.js';
import { seedCsv } from './seed-csv.js';
import { seedSql } from './seed-sql.js';

export const postgres: Protocol<'sql' | 'csv'> = {
  name: 'postgres',
  probe: probePostgres,
  seeds: { sql: withFailures(seedSql, refusal), csv: withFailures(seedCsv, refusal) },
  ledger: postgresLedger,
};
