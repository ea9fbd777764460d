import type { Protocol } from '../../model/protocol.js';
import { probeHttp } from './probe.js';
import { seedHttp } from './seed-http.js';

export const http: Protocol<'http'> = { name: 'http', probe: probeHttp, seeds: { http: seedHttp } };
