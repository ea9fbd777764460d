import type { Emit, EnvEvent } from '../../../model/events.js';

type Subject = Pick<Extract<EnvEvent, { type: 'image' }>, 'service' | 'image' | 'work'>;

const pauseMs = 150;

/** Tells image work as events: a beginning, an end, and in between the latest line at most every 150 ms. */
export function progressTeller(
  subject: Subject,
  emit: Emit,
): { begin(): void; tell(detail: string): void; end(): void } {
  let toldAt = 0;
  const send = (state: 'running' | 'done', detail: string): void => {
    toldAt = performance.now();
    emit({ type: 'image', ...subject, state, detail });
  };
  return {
    begin: () => send('running', ''),
    tell: (detail) => {
      if (detail !== '' && performance.now() - toldAt >= pauseMs) send('running', detail);
    },
    end: () => send('done', ''),
  };
}
