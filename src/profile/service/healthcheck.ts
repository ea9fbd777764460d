import { milliseconds } from '../../model/durations.js';
import { isMap, type TemplateTree } from '../../model/json.js';
import type { DeclaredHealthcheck } from '../../model/service.js';
import { asText } from '../references/template-text.js';

/** Compose's defaults (docs.docker.com/reference/compose-file/services/#healthcheck). */
const defaults = { intervalMs: 30_000, timeoutMs: 30_000, retries: 3 };

export interface ReadHealthcheck {
  readonly probe: DeclaredHealthcheck | 'none' | null;
  /** How long Docker itself would retry; 0: not declared. */
  readonly budgetMs: number;
}

/** A Compose `healthcheck` as a probe. */
export function readHealthcheck(value: TemplateTree | undefined): ReadHealthcheck {
  if (!isMap(value)) return { probe: null, budgetMs: 0 };
  const test = Array.isArray(value.test) ? value.test.map(asText) : [];
  if (value.disable === true || test[0] === 'NONE') return { probe: 'none', budgetMs: 0 };
  const timeoutMs = milliseconds(value.timeout) ?? defaults.timeoutMs;
  const retries = Number(value.retries ?? defaults.retries) || defaults.retries;
  const budgetMs =
    (milliseconds(value.start_period) ?? 0) +
    retries * (milliseconds(value.interval) ?? defaults.intervalMs) +
    timeoutMs;
  return { probe: test.length > 1 ? { kind: 'healthcheck', test, timeoutMs } : null, budgetMs };
}
