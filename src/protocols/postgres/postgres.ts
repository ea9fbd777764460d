import type { Protocol } from '../../model/protocol.js';
import { withFailures } from '../shared/seed-failures.js';
import { seedCsv } from './csv.js';
import { refusal } from './failure.js';
import { postgresLedger } from './ledger.js';
import { probePostgres } from './probe.js';
import { seedSql } from './sql.js';

export const postgres: Protocol<'sql' | 'csv'> = {
  name: 'postgres',
  probe: probePostgres,
  seeds: { sql: withFailures(seedSql, refusal), csv: withFailures(seedCsv, refusal) },
  ledger: postgresLedger,
};
