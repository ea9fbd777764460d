import type { TemplateMap } from './json.js';
import type { BoundService, Service } from './service.js';
import type { TemplateString } from './template-text.js';

export type Storage = 'memory' | 'disk';

/** A resolved profile: merged, with defaults, checked, in start order. */
export interface Environment {
  /** Instance id: `<profile>[-<name>]-<6 hex>`. */
  readonly id: string;
  readonly profile: string;
  /** Absolute path of the project folder. */
  readonly project: string;
  readonly summary: string;
  readonly storage: Storage;
  readonly services: readonly Service[];
  /** Names of all services of the profile, including those left out of this run. */
  readonly declared: readonly string[];
  /** Services left out of this run; others may still refer to their inside address. */
  readonly absent: readonly Service[];
  readonly exports: Readonly<Record<string, TemplateString>>;
  /** Top-level Compose keys (`networks`, `volumes`, `configs`, `secrets`). */
  readonly compose: TemplateMap;
  /** Changes and omissions to show once. */
  readonly notices: readonly string[];
}

/** An environment whose services are bound to their images and addresses. */
export interface BoundEnvironment extends Environment {
  readonly services: readonly BoundService[];
}
