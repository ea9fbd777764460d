/**
 * Aborts after `ms` with a TimeoutError, or with `signal`. Use it instead of `AbortSignal.timeout`: on Node 20 such a
 * signal is garbage-collected once only `AbortSignal.any` refers to it, and then never fires.
 */
export function deadline(ms: number, signal?: AbortSignal): AbortSignal {
  const controller = new AbortController();
  // The pending timer keeps the controller alive, but not the process.
  setTimeout(() => controller.abort(new DOMException(`No result within ${ms} ms`, 'TimeoutError')), ms).unref();
  return signal === undefined ? controller.signal : AbortSignal.any([signal, controller.signal]);
}
