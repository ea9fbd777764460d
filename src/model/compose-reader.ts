import type { ProcessEnv } from './host.js';
import type { Json } from './json.js';
import type { Document } from './profile.js';

export interface ReadComposeOptions {
  readonly files: readonly string[];
  readonly env: ProcessEnv;
  readonly signal: AbortSignal;
}

/**
 * Reads Compose files as Compose does. The document holds Compose's keys, with `$$` for a literal `$`, and `x-envctl`
 * as written. Positions are those of the files.
 * Throws COMPOSE_MISSING, COMPOSE_REFUSED, VARIABLE_MISSING or PROFILE_INVALID, at a line of the files.
 */
export type ReadCompose = (options: ReadComposeOptions) => Promise<Document>;

/** A Compose file, and its text for Compose. */
export interface ComposeSource {
  /** Absolute. */
  readonly path: string;
  /** Its text without `x-envctl` and `depends_on`: Compose checks dependency cycles in exponential time. */
  readonly stripped: string;
  readonly document: Document;
  /** Entries of `include`, unchanged. */
  readonly includes: readonly Json[];
}
