import type { Observed } from '../model/observed.js';
import type { ServiceAccess } from '../model/protocol.js';
import type { BoundService } from '../model/service.js';
import type { Prepared } from '../model/workload.js';
import type { ReusePolicy } from '../plan/reconcile.js';
import type { ReplicaWatcher } from './replicas/replica-watcher.js';
import { serviceAccess } from './service-access.js';
import type { UpDependencies } from './up-dependencies.js';

/** Shared by all steps of one `up`. */
export interface UpContext extends UpDependencies {
  readonly prepared: Prepared;
  readonly services: ReadonlyMap<string, BoundService>;
  readonly watcher: ReplicaWatcher;
  readonly reuse: ReusePolicy;
}

export function serviceNamed(name: string, { services }: UpContext): BoundService {
  const service = services.get(name);
  if (!service) throw new Error(`bug: the plan contains ${name}, which is not in the environment`);
  return service;
}

/** Access to one replica for probes and seeds; `port` is the name of the port to ask. */
export function accessTo(replica: Observed, port: string, run: UpContext): ServiceAccess {
  const parameters = run.services.get(replica.service)?.parameters ?? {};
  return serviceAccess({ replica, port, parameters, watcher: run.watcher, engine: run.engine, signal: run.signal });
}
