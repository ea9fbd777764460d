import { hashFile } from '../files/hash-file.js';
import { fileLedger, instanceFolder } from '../files/instance-directory.js';
import { localHost } from '../files/local-host.js';
import type { Emit } from '../model/events.js';
import type { Protocol } from '../model/protocol.js';
import type { UpDependencies } from '../run/up-dependencies.js';
import type { Session } from './session.js';

/** Connects the run stage to this session's engine, to the protocols and to this machine. */
export function createUpDependencies(session: Session, emit: Emit, signal: AbortSignal): UpDependencies {
  const { engine, identity, secrets, caller } = session;
  const folder = instanceFolder(identity.project, identity.id);
  return {
    engine,
    host: localHost(caller),
    protocol: protocolCache(),
    emit,
    secret: secrets.observed,
    hashFile,
    ledger: (service, incarnation) => fileLedger(folder, service, incarnation),
    signal,
  };
}

function protocolCache(): (name: string) => Promise<Protocol> {
  const cache = new Map<string, Promise<Protocol>>();
  return (name) => {
    const loading =
      cache.get(name) ?? import('../protocols/registry.js').then(({ loadProtocol }) => loadProtocol(name));
    cache.set(name, loading);
    return loading;
  };
}
