export interface SharedRefresh {
  /** Resolves after a run that begins after this call; waiting callers share it. */
  fresh(): Promise<void>;
  /** The run in progress, or a new one. */
  join(): Promise<void>;
}

/** Runs `work` at most once at a time. A caller that needs current data cannot use a run that began before its call. */
export function sharedRefresh(work: () => Promise<void>): SharedRefresh {
  let current: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  const begin = (): Promise<void> => {
    next = null;
    current = work().finally(() => {
      current = null;
    });
    return current;
  };
  return {
    fresh: () => {
      if (next !== null) return next;
      if (current === null) return begin();
      next = current.catch(() => undefined).then(begin);
      return next;
    },
    join: () => current ?? next ?? begin(),
  };
}
