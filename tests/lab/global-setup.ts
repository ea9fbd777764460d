import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Why the Docker tests cannot run here; null: they can. */
    readonly noDocker: string | null;
  }
}

/** Sets up the lab once before the tests and passes them its images. */
export default async function setup(project: TestProject): Promise<void> {
  const { setup: makeLab } = await import('./setup.mjs');
  const lab = await makeLab();
  if (lab.images !== null) process.env.ENVCTL_IMAGES ??= lab.images;
  project.provide('noDocker', lab.docker ? null : (lab.reason ?? 'no Docker Engine answers'));
}
