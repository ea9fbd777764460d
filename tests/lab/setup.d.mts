/** What the lab can offer: docker false with the reason; images null where the real ones can be pulled. */
export function setup(): Promise<{ readonly docker: boolean; readonly images: string | null; readonly reason: string | null }>;
