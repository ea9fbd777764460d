import type { Protocol } from '../../model/protocol.js';
import { probeTcp } from './probe.js';

/** Any port that accepts connections. */
export const tcp: Protocol = { name: 'tcp', probe: probeTcp, seeds: {} };
