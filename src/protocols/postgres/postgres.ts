import type { Protocol, SeedResult, SeedTask, ServiceAccess } from '../../model/protocol.js';
import { isBug } from '../shared/attempt.js';
import { seedCsv } from './csv.js';
import { refusal } from './failure.js';
import { postgresLedger } from './ledger.js';
import { probePostgres } from './probe.js';
import { seedSql } from './sql.js';

export const postgres: Protocol = {
  name: 'postgres',
  options: ['query'],
  seeds: ['sql', 'csv'],
  probe: probePostgres,
  seed,
  ledger: postgresLedger,
};

async function seed(reach: ServiceAccess, task: SeedTask): Promise<SeedResult> {
  const { step } = task;
  try {
    if (step.kind === 'sql') return await seedSql(reach, task, step.file);
    if (step.kind === 'csv') return await seedCsv(reach, task, step);
  } catch (error) {
    reach.signal.throwIfAborted();
    if (isBug(error)) throw error;
    throw refusal(error, step.position);
  }
  throw new Error(`bug: postgres was given a step of kind ${step.kind}`);
}
