import type { Emit, EnvEvent } from '../../../model/events.js';

type ImageWork = Pick<Extract<EnvEvent, { type: 'image' }>, 'service' | 'image' | 'work'>;

export interface ImageProgress {
  begin(): void;
  update(detail: string): void;
  end(): void;
}

const updateIntervalMs = 150;

/** Emits the begin, the end and in between the latest detail, at most every 150 ms. */
export function imageProgress(work: ImageWork, emit: Emit): ImageProgress {
  let emittedAt = 0;
  const send = (state: 'running' | 'done', detail: string): void => {
    emittedAt = performance.now();
    emit({ type: 'image', ...work, state, detail });
  };
  return {
    begin: () => send('running', ''),
    update: (detail) => {
      if (detail !== '' && performance.now() - emittedAt >= updateIntervalMs) send('running', detail);
    },
    end: () => send('done', ''),
  };
}
