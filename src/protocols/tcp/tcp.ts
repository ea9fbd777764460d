import { connect } from 'node:net';
import type { Address } from '../../model/connection.js';
import type { ProbeResult, Protocol, ServiceAccess } from '../../model/protocol.js';
import { attempt, notYet, ready } from '../shared/attempt.js';

/** docker-proxy accepts for a service that does not listen yet, and hangs up when it finds that out. */
const HOLDS_MS = 50;

export const tcp: Protocol = {
  name: 'tcp',
  seeds: {},
  probe: (reach: ServiceAccess) => attempt(reach, staysOpen),
};

/** Ready when a connection is made and neither ended nor reset within 50 ms. */
function staysOpen(at: Address, signal: AbortSignal): Promise<ProbeResult> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...at, signal });
    socket.on('error', reject);
    socket.on('close', () => resolve(notYet('connection closed by the server')));
    socket.on('connect', () => {
      const timer = setTimeout(() => resolve(ready), HOLDS_MS);
      socket.on('close', () => clearTimeout(timer));
    });
    // Unread, a server's greeting would hide that it hung up behind it.
    socket.resume();
  });
}
