import type { Protocol } from '../../model/protocol.js';
import { probeResources } from './probe.js';

/** `ready: tcp:localhost:9000` and the other resource strings of wait-on (github.com/jeffbski/wait-on). */
export const waitOnResources: Protocol = { name: 'wait-on', probe: probeResources, seeds: {} };
