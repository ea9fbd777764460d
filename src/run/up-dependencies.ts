import type { Engine } from '../model/engine.js';
import type { Emit } from '../model/events.js';
import type { Host } from '../model/host.js';
import type { Observed } from '../model/observed.js';
import type { Ledger, Protocol } from '../model/protocol.js';

/** Everything `up` uses from other rooms, which do not know each other. */
export interface UpDependencies {
  readonly engine: Engine;
  readonly host: Host;
  readonly protocol: (name: string) => Promise<Protocol>;
  readonly emit: Emit;
  /** The value of a secret parameter of a running service. */
  readonly secret: (replica: Observed, parameter: string) => string;
  /** Content hash of a file, or of a folder's content if the path ends with a slash; null: it does not exist. */
  readonly hashFile: (path: string) => Promise<string | null>;
  /** Seeds applied to one incarnation of a service, recorded outside its store. */
  readonly ledger: (service: string, incarnation: string) => Ledger;
  readonly signal: AbortSignal;
}
