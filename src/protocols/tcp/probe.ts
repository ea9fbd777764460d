import { connect } from 'node:net';
import type { Address } from '../../model/connection.js';
import { notYet, type ProbeResult, ready, type ServiceAccess } from '../../model/protocol.js';
import { attempt } from '../shared/attempt.js';

/** docker-proxy accepts connections for a service that does not listen yet, and closes them when it notices. */
const HOLDS_MS = 50;

/** Ready when a connection is made and neither ended nor reset within 50 ms. */
export const probeTcp = (access: ServiceAccess): Promise<ProbeResult> => attempt(access, staysOpen);

function staysOpen(at: Address, signal: AbortSignal): Promise<ProbeResult> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...at, signal });
    socket.on('error', reject);
    socket.on('close', () => resolve(notYet('connection closed by the server')));
    socket.on('connect', () => {
      const timer = setTimeout(() => resolve(ready), HOLDS_MS);
      socket.on('close', () => clearTimeout(timer));
    });
    // An unread greeting would hide the end of the connection.
    socket.resume();
  });
}
