/** Time as renderers see it; given to them, so that tests need not wait. */
export interface Clock {
  /** Milliseconds on a clock that never jumps. */
  now(): number;
  /** The wall clock. */
  date(): Date;
  /** Runs something once, `ms` from now, unless the given function is called before. Never keeps the process alive. */
  after(ms: number, run: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => new Date(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms).unref();
    return () => clearTimeout(timer);
  },
};
