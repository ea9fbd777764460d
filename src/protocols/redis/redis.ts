import type { Protocol } from '../../model/protocol.js';
import { redisLedger } from './ledger.js';
import { probeRedis } from './probe.js';
import { seedRedis } from './seed-redis.js';

/** Redis and Valkey. */
export const redis: Protocol<'redis'> = {
  name: 'redis',
  probe: probeRedis,
  seeds: { redis: seedRedis },
  ledger: redisLedger,
};
