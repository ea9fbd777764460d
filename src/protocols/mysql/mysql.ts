import type { Protocol, SeedResult, SeedTask, ServiceAccess } from '../../model/protocol.js';
import { isBug } from '../shared/attempt.js';
import { seedCsv } from './csv.js';
import { refusal } from './failure.js';
import { mysqlLedger } from './ledger.js';
import { probeMysql } from './probe.js';
import { seedSql } from './sql.js';

/** MySQL and MariaDB. */
export const mysql: Protocol = {
  name: 'mysql',
  options: [],
  seeds: ['sql', 'csv'],
  probe: probeMysql,
  seed,
  ledger: mysqlLedger,
};

async function seed(reach: ServiceAccess, task: SeedTask): Promise<SeedResult> {
  const { step } = task;
  try {
    if (step.kind === 'sql') return await seedSql(reach, task, step.file);
    if (step.kind === 'csv') return await seedCsv(reach, task, step);
  } catch (error) {
    reach.signal.throwIfAborted();
    throw isBug(error) ? error : refusal(error, { position: step.position, left: 'nothing' });
  }
  throw new Error(`bug: mysql was given a step of kind ${step.kind}`);
}
