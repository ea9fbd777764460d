/** The state of a command as the events describe it, for screens. Pure. */
import type { EnvEvent } from '../model/events.js';
import type { EventOf, StepEvent } from './phrases.js';
import { endWords, imageWords, readyWords, seedingWords, stepText, stepWords } from './phrases.js';

export interface ServiceProgress {
  readonly name: string;
  readonly kind: string;
  /** `pending`: idle at the moment; `stopped`: unfinished when another service failed. */
  readonly phase: 'pending' | 'active' | 'done' | 'failed' | 'stopped';
  /** Its current work or final state: `waiting for postgres: connection refused`. */
  readonly doing: string;
  /** The short form: `connection refused`. */
  readonly brief: string;
  /** Start of the current work, in ms of the clock. */
  readonly since: number;
  /** ms from its start until it was ready; null: not ready, or not started by this command. */
  readonly tookMs: number | null;
  /** It ran before and matched the profile. */
  readonly reused: boolean;
}

export interface Progress {
  readonly command: 'up' | 'down';
  readonly instance: string;
  readonly profile: string;
  readonly engine: string;
  /** Start of the command; null: not started, or over. */
  readonly since: number | null;
  /** Work on all services, such as `creating`; at the end the result; else empty. */
  readonly doing: string;
  readonly services: readonly ServiceProgress[];
  readonly removed: readonly { readonly name: string; readonly what: string }[];
}

export const nothingYet: Progress = {
  command: 'up',
  instance: '',
  profile: '',
  engine: '',
  since: null,
  doing: '',
  services: [],
  removed: [],
};

/** The progress after an event at `now`. Events of services that `begin` did not list change nothing. */
export function advance(progress: Progress, event: EnvEvent, now: number): Progress {
  switch (event.type) {
    case 'begin':
      return begin(event, now);
    case 'image':
      return work(progress, event.service, imageWork(event), now);
    case 'step':
      return event.service === null
        ? advanceAll(progress, event, now)
        : work(progress, event.service, stepWork(event, progress.command), now);
    case 'waiting':
      return work(progress, event.service, active(`waiting for ${event.probe}: ${event.why}`, event.why), now);
    case 'seeding':
      return work(progress, event.service, active(seedingWords(event)), now);
    case 'ready':
      return ready(progress, event, now);
    case 'removed':
      return removed(progress, event, now);
    case 'failed':
      return failed(progress, event.error.service, event.error.message);
    case 'end':
      return ended(progress, event);
    case 'notice':
    case 'warning':
    case 'substitution':
      return progress;
    default:
      return event satisfies never;
  }
}

export function isOver(service: ServiceProgress): boolean {
  return service.phase === 'done' || service.phase === 'failed' || service.phase === 'stopped';
}

type Change = Partial<Omit<ServiceProgress, 'name' | 'kind' | 'since'>>;

function begin(event: EventOf<'begin'>, now: number): Progress {
  const { command, instance, profile, engine } = event;
  // `down` removes all services at the same time.
  const first: Change =
    command === 'down' ? active(stepWords.remove.running) : { phase: 'pending', doing: '', brief: '' };
  const untouched = { phase: 'pending', doing: '', brief: '', since: now, tookMs: null, reused: false } as const;
  const services = event.services.map(({ name, kind }): ServiceProgress => ({ ...untouched, ...first, name, kind }));
  return { command, instance, profile, engine, since: now, doing: '', services, removed: [] };
}

function active(doing: string, brief = doing): Change {
  return { phase: 'active', doing, brief };
}

function ready(progress: Progress, { service, ms, detail }: EventOf<'ready'>, now: number): Progress {
  const before = progress.services.find(({ name }) => name === service);
  const doing = readyWords(detail);
  // A second `ready` corrects the first, for example when a running service turns out to be a job.
  const tookMs = before?.phase === 'done' || before?.reused === true ? before.tookMs : ms;
  return work(progress, service, { phase: 'done', doing, brief: doing, tookMs }, now);
}

function removed(progress: Progress, { name, what }: EventOf<'removed'>, now: number): Progress {
  const next = { ...progress, removed: [...progress.removed, { name, what }] };
  if (progress.command === 'up' || what !== 'service') return next;
  return work(next, name, over(stepWords.remove.done), now);
}

function over(doing: string): Change {
  return { phase: 'done', doing, brief: doing };
}

function imageWork(event: EventOf<'image'>): Change {
  const words = imageWords(event);
  if (event.state === 'done') return { phase: 'pending', doing: words, brief: words };
  return active(event.detail === '' ? words : `${words}: ${event.detail}`, event.detail === '' ? words : event.detail);
}

function stepWork(event: StepEvent, command: Progress['command']): Change {
  const text = stepText(event);
  if (event.state === 'done' && event.step === 'remove')
    return command === 'down' ? over(text) : { phase: 'pending', doing: text, brief: text };
  if (event.step === 'skip') return { phase: 'stopped', doing: text, brief: text };
  return { ...active(text), ...(event.step === 'reuse' && event.state === 'done' ? { reused: true } : {}) };
}

function work(progress: Progress, name: string, change: Change, now: number): Progress {
  const services = progress.services.map((service) => {
    if (service.name !== name || service.phase === 'failed' || service.phase === 'stopped') return service;
    return { ...service, since: service.phase === 'active' ? service.since : now, ...change };
  });
  return { ...progress, services };
}

/** A step that concerns all services. Idle services show that they are being created. */
function advanceAll(progress: Progress, event: StepEvent, now: number): Progress {
  const next = { ...progress, doing: event.state === 'running' ? stepWords[event.step].running : '' };
  if (event.step !== 'create') return next;
  const words = stepWords.create[event.state];
  const services = next.services.map((service): ServiceProgress => {
    if (event.state === 'running' && service.phase === 'pending')
      return { ...service, phase: 'active', doing: words, brief: words, since: now };
    if (event.state === 'done' && service.doing === stepWords.create.running)
      return { ...service, phase: 'pending', doing: words, brief: words };
    return service;
  });
  return { ...next, services };
}

function ended(progress: Progress, event: EventOf<'end'>): Progress {
  const services = progress.services.map(
    (service): ServiceProgress => (isOver(service) ? service : { ...service, phase: 'done' }),
  );
  return { ...progress, since: null, doing: endWords(event), services };
}

function failed(progress: Progress, culprit: string | undefined, message: string): Progress {
  const services = progress.services.map((service): ServiceProgress => {
    if (service.name === culprit) return { ...service, phase: 'failed', doing: `failed: ${message}`, brief: message };
    if (isOver(service)) return service;
    return service.phase === 'active'
      ? { ...service, phase: 'stopped' }
      : { ...service, phase: 'stopped', doing: 'not started', brief: 'not started' };
  });
  return { ...progress, since: null, doing: '', services };
}
