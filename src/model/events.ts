/** All output of `up` and `down`: screens, the `--output json` stream and the timeline file show the same events. */

import type { Connection } from './connection.js';
import type { EnvctlError } from './errors.js';
import type { StepName } from './plan.js';

export type EnvEvent =
  | {
      readonly type: 'begin';
      readonly command: 'up' | 'down';
      readonly instance: string;
      readonly profile: string;
      readonly engine: string;
      /** In start order; empty if unknown (`down` by id). */
      readonly services: readonly { readonly name: string; readonly kind: string }[];
    }
  /** Shown once: a changed port, the chosen engine. */
  | { readonly type: 'notice'; readonly text: string }
  | { readonly type: 'warning'; readonly text: string }
  | { readonly type: 'substitution'; readonly image: string; readonly by: string }
  /** `service` is the first that needs the image; `detail` is the latest line of progress. */
  | {
      readonly type: 'image';
      readonly service: string;
      readonly image: string;
      readonly work: 'pull' | 'build';
      readonly state: 'running' | 'done';
      readonly detail: string;
    }
  /** `service` is null for `create` and `recheck`, which concern several. */
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
  /** The latest answer of a gate that is not open, sent when it changes. */
  | { readonly type: 'waiting'; readonly service: string; readonly probe: string; readonly why: string }
  | {
      readonly type: 'seeding';
      readonly service: string;
      readonly step: string;
      readonly state: 'running' | 'done' | 'skipped';
      readonly detail: string;
    }
  /** The last step of a service is done. */
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
      /** The slowest steps, longest first. */
      readonly slowest: readonly { readonly service: string | null; readonly step: string; readonly ms: number }[];
    };

export type Emit = (event: EnvEvent) => void;
