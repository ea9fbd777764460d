import type { Document } from './profile.js';

export interface ReadComposeOptions {
  readonly files: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/**
 * Reads Compose files as Compose does. The document's value holds Compose's keys with `$$` for a literal `$`, and the
 * keys under `x-envctl` as profile keys; positions are those of the files.
 * Throws COMPOSE_MISSING, COMPOSE_REFUSED (at a line of the files), PROFILE_INVALID.
 */
export type ReadCompose = (options: ReadComposeOptions) => Promise<Document>;
