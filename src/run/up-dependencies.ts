import type { Engine } from '../model/engine.js';
import type { Emit } from '../model/events.js';
import type { Host } from '../model/host.js';
import type { Observed } from '../model/observed.js';
import type { Ledger, Protocol } from '../model/protocol.js';

/** What `up` works with; the parts meet here and know nothing of each other. */
export interface UpDependencies {
  readonly engine: Engine;
  readonly host: Host;
  readonly protocol: (name: string) => Promise<Protocol>;
  readonly emit: Emit;
  /** The value of a secret parameter of a running service. */
  readonly secret: (seen: Observed, parameter: string) => string;
  /** Content hash of a file, or of what is below a folder where the path ends with a slash; null: there is none. */
  readonly hashFile: (path: string) => Promise<string | null>;
  /** Notes of the seeds that a service was given in this life, which `incarnation` names. */
  readonly ledger: (service: string, incarnation: string) => Ledger;
  readonly signal: AbortSignal;
}
