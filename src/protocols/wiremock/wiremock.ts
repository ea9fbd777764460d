import type { Protocol } from '../../model/protocol.js';
import { seedStubs } from '../shared/stub-server.js';
import { wiremockLedger } from './ledger.js';
import { probeWiremock } from './probe.js';
import { wiremockStubs } from './seed-stubs.js';

export const wiremock: Protocol<'stubs'> = {
  name: 'wiremock',
  probe: probeWiremock,
  seeds: { stubs: seedStubs(wiremockStubs) },
  ledger: wiremockLedger,
};
