/** Lines for logs: one per change, without escape codes, and a heartbeat while nothing changes. */
import { formatDuration } from '../model/durations.js';
import type { EnvctlError } from '../model/errors.js';
import type { EnvEvent } from '../model/events.js';
import type { Clock } from './clock.js';
import { noPaint } from './color.js';
import type { EventOf, StepEvent } from './phrases.js';
import { endWords, imageWords, readyWords, seedingWords, stepText, stepWords } from './phrases.js';
import type { Progress, ServiceProgress } from './progress.js';
import { advance, isOver, nothingYet } from './progress.js';
import type { Renderer } from './renderer-types.js';
import { closingText } from './summary.js';
import { cut, oneLine, pad, width } from './text.js';

interface PlainOptions {
  readonly write: (text: string) => unknown;
  readonly mask: (text: string) => string;
  readonly clock: Clock;
}

/** Silence before a heartbeat. */
const heartbeatMs = 10_000;
/** At most one line a second for a gate whose answer differs at every attempt. */
const repeatMs = 1_000;
const longest = 400;

/** Writes lines like `[  1.2s] db        ready (postgres) after 900ms`, and the summary at the end. */
export function plainRenderer({ write, mask, clock }: PlainOptions): Renderer {
  let progress = nothingYet;
  let started = clock.now();
  let stopHeart = (): void => {};
  const isTooSoon = repetition(clock);

  const say = (text: string): void => {
    write(`[${formatDuration(clock.now() - started).padStart(6)}] ${cut(oneLine(mask(text)), longest)}\n`);
    stopHeart();
    stopHeart = clock.after(heartbeatMs, beat);
  };
  const beat = (): void => {
    if (progress.since !== null) say(waitingText(progress, clock.now()));
  };

  return {
    emit: (event) => {
      const before = progress;
      progress = advance(before, event, clock.now());
      if (event.type === 'begin') started = clock.now();
      const text = isTooSoon(event) ? null : lineFor(event, before, clock.now());
      if (text !== null) say(text);
      if (event.type === 'end') write(`\n${closingText(progress, event, { paint: noPaint, mask })}`);
    },
    close: async () => stopHeart(),
  };
}

/** True for a gate's answer that comes too soon after its last line: a later one or the heartbeat shows it. */
function repetition(clock: Clock): (event: EnvEvent) => boolean {
  const shownAt = new Map<string, number>();
  return (event) => {
    if (event.type !== 'waiting') return false;
    const last = shownAt.get(event.service);
    if (last !== undefined && clock.now() - last < repeatMs) return true;
    shownAt.set(event.service, clock.now());
    return false;
  };
}

/** The line for an event; null: none. */
function lineFor(event: EnvEvent, before: Progress, now: number): string | null {
  const about = (name: string, text: string): string => `${pad(name, nameWidth(before))}  ${text}`;
  switch (event.type) {
    case 'begin':
      return `${event.command} ${event.instance} on ${event.engine}: ${count(event.services.length, 'service')}`;
    case 'notice':
      return `note: ${event.text}`;
    case 'warning':
      return `warning: ${event.text}`;
    case 'substitution':
      return `note: image ${event.image} is replaced by ${event.by}`;
    case 'image':
      return imageLine(event, before, now, about);
    case 'step':
      return stepLine(event, about);
    case 'waiting':
      return about(event.service, `waiting for ${event.probe}: ${event.why}`);
    case 'seeding':
      return about(event.service, seedingWords(event));
    case 'ready':
      return about(event.service, readyLine(event, before));
    case 'removed':
      return `removed ${event.what} ${event.name}`;
    case 'failed':
      return failedLine(event.error, about);
    case 'end':
      return endWords(event);
    default:
      return event satisfies never;
  }
}

function readyLine({ service, ms, detail }: EventOf<'ready'>, before: Progress): string {
  const earlier = before.services.find(({ name }) => name === service);
  if (earlier?.phase === 'done') return `now ${readyWords(detail)}`;
  return earlier?.reused === true ? `still ${readyWords(detail)}` : `${readyWords(detail)} after ${formatDuration(ms)}`;
}

type About = (name: string, text: string) => string;

function failedLine({ service, message, code }: EnvctlError, about: About): string {
  const text = `failed: ${message} (${code})`;
  return service === undefined ? text : about(service, text);
}

/** Downloads report often: only their start and end get a line. */
function imageLine(event: EventOf<'image'>, before: Progress, now: number, about: About): string | null {
  const service = before.services.find(({ name }) => name === event.service);
  const words = imageWords(event);
  if (event.state === 'done')
    return about(
      event.service,
      service?.phase === 'active' ? `${words} in ${formatDuration(now - service.since)}` : words,
    );
  return service?.phase === 'active' && service.doing.startsWith(words) ? null : about(event.service, words);
}

/** Skips starts and ends that the next line of the same service implies. */
function stepLine(event: StepEvent, about: About): string | null {
  const text = stepText(event);
  const line = event.service === null ? text : about(event.service, text);
  switch (event.step) {
    case 'remove':
    case 'create':
      return event.state === 'done' ? `${line} in ${formatDuration(event.ms)}` : line;
    case 'start':
      return event.state === 'running' ? line : null;
    case 'reuse':
    case 'skip':
      return event.state === 'done' ? line : null;
    case 'recheck':
      return event.state === 'running' ? stepWords.recheck.running : null;
    case 'gate':
    case 'seed':
      return null;
    default:
      return event.step satisfies never;
  }
}

/** `still waiting: db (connection refused), 30s; cache (loading), 12s; 3 more not started`. */
function waitingText(progress: Progress, now: number): string {
  const active = progress.services.filter(({ phase }) => phase === 'active');
  const pending = progress.services.filter((service) => !isOver(service)).length - active.length;
  const shown = active
    .slice(0, 6)
    .map((service) => `${service.name} (${service.brief}), ${wholeSeconds(now - service.since)}`);
  if (active.length > shown.length) shown.push(`${active.length - shown.length} more`);
  if (pending > 0) shown.push(`${pending} not started`);
  if (active.length === 0)
    shown.unshift(
      `${progress.doing === '' ? progress.command : progress.doing}, ${wholeSeconds(now - (progress.since ?? now))}`,
    );
  return `still waiting: ${shown.join('; ')}`;
}

function wholeSeconds(ms: number): string {
  return `${Math.floor(ms / 1000)}s`;
}

function nameWidth(progress: Progress): number {
  return Math.min(24, Math.max(8, ...progress.services.map(({ name }: ServiceProgress) => width(name))));
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
