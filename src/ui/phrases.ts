/** Texts that screens use for events. */
import { formatDuration } from '../model/durations.js';
import type { EnvEvent } from '../model/events.js';

export type EventOf<Type extends EnvEvent['type']> = Extract<EnvEvent, { type: Type }>;
export type StepEvent = EventOf<'step'>;

/** `ready (postgres)`, or just the detail if it is a state itself: `exit 0`, `running (not checked)`. */
export function readyWords(detail: string): string {
  if (/^(?:exit|exited|running)\b/.test(detail)) return detail;
  return detail === '' ? 'ready' : `ready (${detail})`;
}

/** `pulling postgres:15`, `built app`. */
export function imageWords(event: EventOf<'image'>): string {
  const verbs = {
    pull: { running: 'pulling', done: 'pulled' },
    build: { running: 'building', done: 'built' },
  } as const;
  return `${verbs[event.work][event.state]} ${event.image}`;
}

export function seedingWords(event: EventOf<'seeding'>): string {
  const verb = { running: 'seeding', done: 'seeded', skipped: 'skipped' }[event.state];
  return `${verb} ${event.step}${event.detail === '' ? '' : ` (${event.detail})`}`;
}

/** `shop-1a2b3c is ready after 3.1s`. */
export function endWords({ command, instance, ms }: EventOf<'end'>): string {
  return `${instance} is ${command === 'up' ? 'ready' : 'down'} after ${formatDuration(ms)}`;
}

/** Texts of a step while it runs and when it is done. */
export const stepWords: Readonly<Record<StepEvent['step'], { readonly running: string; readonly done: string }>> = {
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
export function stepText(event: StepEvent): string {
  const why = event.state === 'running' ? event.cause : event.detail;
  return `${stepWords[event.step][event.state]}${why === '' ? '' : ` (${why})`}`;
}
