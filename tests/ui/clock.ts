import type { Clock } from '../../src/ui/clock.js';

export interface TestClock extends Clock {
  /** Moves the time forward and calls the timers that are due, in order. */
  pass(ms: number): void;
}

/** A clock that only `pass` moves. Its wall clock starts on 2026-01-02 at 03:04:05. */
export function testClock(): TestClock {
  let now = 0;
  const timers = new Set<{ readonly at: number; readonly run: () => void }>();
  return {
    now: () => now,
    date: () => new Date(Date.UTC(2026, 0, 2, 3, 4, 5) + now),
    after: (ms, run) => {
      const timer = { at: now + ms, run };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    pass: (ms) => {
      const end = now + ms;
      for (;;) {
        const [next] = [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
        if (next === undefined) break;
        timers.delete(next);
        now = next.at;
        next.run();
      }
      now = end;
    },
  };
}
