/** Calls `make` at the first use and shares its result; a failure is not kept, so the next use tries again. */
export function retryable<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}
