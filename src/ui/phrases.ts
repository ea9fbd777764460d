/** The words that screens use for what happens. */
import { formatDuration } from '../model/durations.js';
import type { EnvEvent } from '../model/events.js';

type Event<Type extends EnvEvent['type']> = Extract<EnvEvent, { type: Type }>;
type Step = Event<'step'>;

/** A detail that is a state of its own stands alone: `exit 0`, `running (not checked)`. */
export function readyWords(detail: string): string {
  if (/^(?:exit|exited|running)\b/.test(detail)) return detail;
  return detail === '' ? 'ready' : `ready (${detail})`;
}

/** `pulling postgres:15`, `built app`. */
export function imageWords(event: Event<'image'>): string {
  const verbs = {
    pull: { running: 'pulling', done: 'pulled' },
    build: { running: 'building', done: 'built' },
  } as const;
  return `${verbs[event.work][event.state]} ${event.image}`;
}

export function seedingWords(event: Event<'seeding'>): string {
  const verb = { running: 'seeding', done: 'seeded', skipped: 'skipped' }[event.state];
  return `${verb} ${event.step}${event.detail === '' ? '' : ` (${event.detail})`}`;
}

/** `shop-1a2b3c is ready after 3.1s`. */
export function endWords({ command, instance, ms }: Event<'end'>): string {
  return `${instance} is ${command === 'up' ? 'ready' : 'down'} after ${formatDuration(ms)}`;
}

/** What a step is called while it runs and once it is done. */
export const stepWords: Readonly<Record<Step['step'], { readonly running: string; readonly done: string }>> = {
  remove: { running: 'removing', done: 'removed' },
  create: { running: 'creating', done: 'created' },
  start: { running: 'starting', done: 'started' },
  reuse: { running: 'reusing', done: 'reused' },
  skip: { running: 'skipped', done: 'skipped' },
  gate: { running: 'waiting', done: 'gate open' },
  seed: { running: 'seeding', done: 'seeded' },
  recheck: { running: 'final readiness check', done: 'final readiness check done' },
};

/** `starting (not running)`, `reused (unchanged)`. */
export function stepText(event: Step): string {
  const why = event.state === 'running' ? event.cause : event.detail;
  return `${stepWords[event.step][event.state]}${why === '' ? '' : ` (${why})`}`;
}
