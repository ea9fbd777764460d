/** Everything a screen shows. The same events are the timeline file, the `--output json` stream and a dashboard's feed. */

import type { Connection } from './connection.js';
import type { EnvctlError } from './errors.js';

/** Plan steps as screens name them. */
export type StepName = 'remove' | 'create' | 'start' | 'keep' | 'leave' | 'gate' | 'seed' | 'sweep';

export type EnvEvent =
  | {
      readonly type: 'begin';
      readonly command: 'up' | 'down';
      readonly instance: string;
      readonly profile: string;
      readonly engine: string;
      /** In start order; empty where not known (`down` by id). */
      readonly services: readonly { readonly name: string; readonly kind: string }[];
    }
  /** A thing to be said once: a changed port, an engine chosen, a substitution. */
  | { readonly type: 'notice'; readonly text: string }
  | { readonly type: 'warning'; readonly text: string }
  | { readonly type: 'substitution'; readonly image: string; readonly by: string }
  /** Image work; `service` is the first that needs it. `detail` is the latest line of progress. */
  | {
      readonly type: 'image';
      readonly service: string;
      readonly image: string;
      readonly work: 'pull' | 'build';
      readonly state: 'running' | 'done';
      readonly detail: string;
    }
  /** A step of the plan. `service` is null for `create` and `sweep`, which concern all. */
  | {
      readonly type: 'step';
      readonly service: string | null;
      readonly step: StepName;
      readonly state: 'running';
      readonly cause: string;
    }
  | {
      readonly type: 'step';
      readonly service: string | null;
      readonly step: StepName;
      readonly state: 'done';
      readonly ms: number;
      readonly detail: string;
    }
  /** A gate's latest answer, sent when it changes. */
  | { readonly type: 'waiting'; readonly service: string; readonly probe: string; readonly why: string }
  | {
      readonly type: 'seeding';
      readonly service: string;
      readonly step: string;
      readonly state: 'running' | 'done' | 'kept';
      readonly detail: string;
    }
  /** A service reached the end of its steps. */
  | { readonly type: 'ready'; readonly service: string; readonly ms: number; readonly detail: string }
  | { readonly type: 'removed'; readonly name: string; readonly what: string }
  | { readonly type: 'failed'; readonly error: EnvctlError }
  | {
      readonly type: 'end';
      readonly command: 'up' | 'down';
      readonly instance: string;
      readonly ms: number;
      readonly connections: readonly Connection[];
      readonly exports: Readonly<Record<string, string>>;
      /** Slowest steps, longest first. */
      readonly slowest: readonly { readonly service: string | null; readonly step: string; readonly ms: number }[];
    };

export type Emit = (event: EnvEvent) => void;
