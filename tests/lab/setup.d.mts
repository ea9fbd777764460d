/** `docker` is false with a reason; `images` is null if the real ones can be pulled. */
export function setup(): Promise<{ readonly docker: boolean; readonly images: string | null; readonly reason: string | null }>;
