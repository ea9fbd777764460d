import type { Protocol } from '../../model/protocol.js';
import { seedStubs } from '../shared/stub-server.js';
import { mockserverLedger } from './ledger.js';
import { probeMockserver } from './probe.js';
import { mockserverStubs } from './seed-stubs.js';

export const mockserver: Protocol<'stubs'> = {
  name: 'mockserver',
  probe: probeMockserver,
  seeds: { stubs: seedStubs(mockserverStubs) },
  ledger: mockserverLedger,
};
