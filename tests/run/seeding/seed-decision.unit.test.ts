import { expect, test } from 'vitest';
import type { LedgerEntry } from '../../../src/model/protocol.js';
import type { SeedStep } from '../../../src/model/service.js';
import { type SeedDecision, seedDecision } from '../../../src/run/seeding/seed-decision.js';

const position = { file: 'p.yaml', line: 1, column: 1 };
const sql: SeedStep = { kind: 'sql', file: 'a.sql', position };
const stubs: SeedStep = { kind: 'stubs', file: 'a.json', position };
const entry = (hash: string, state: LedgerEntry['state']): LedgerEntry => ({ index: 0, hash, state });

test.each<[string, SeedStep, LedgerEntry | undefined, SeedDecision]>([
  ['runs a step that the ledger does not know', sql, undefined, { kind: 'run', fresh: true }],
  ['skips a step that was applied', sql, entry('a', 'done'), { kind: 'skip' }],
  ['refuses changed SQL', sql, entry('b', 'done'), { kind: 'refuse', why: 'changed' }],
  ['applies changed stubs again', stubs, entry('b', 'done'), { kind: 'run', fresh: false }],
  ['refuses interrupted SQL', sql, entry('a', 'running'), { kind: 'refuse', why: 'interrupted' }],
  ['applies interrupted stubs again', stubs, entry('a', 'running'), { kind: 'run', fresh: false }],
])('seedDecision %s', (_, step, recorded, decision) => {
  expect(seedDecision(step, 'a', recorded)).toEqual(decision);
});
