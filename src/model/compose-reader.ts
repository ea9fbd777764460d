import type { Document } from './profile.js';

export interface ReadComposeOptions {
  readonly files: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/**
 * Reads Compose files as Compose does. The document's value holds Compose's own words with `$$` for a literal `$`,
 * services with `x-envctl` lifted to our words in our own notation; positions are those of the files.
 * Throws COMPOSE_MISSING, COMPOSE_REFUSED (at our line), PROFILE_INVALID.
 */
export type ReadCompose = (options: ReadComposeOptions) => Promise<Document>;
