import { defineConfig } from 'vitest/config';

/** `*.unit.test.ts` needs only Node; `*.real.test.ts` needs an engine and real servers, and runs one file at a time. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['tests/**/*.unit.test.ts'],
          testTimeout: 20_000,
          // Modules are loaded once for all files, which halves the time. No test changes what others see.
          isolate: false,
        },
      },
      {
        test: {
          name: 'real',
          include: ['tests/**/*.real.test.ts'],
          fileParallelism: false,
          // Real servers on a shared machine may miss a time limit. A real fault fails twice; repeated tests are printed.
          retry: process.env.CI ? 1 : 0,
          testTimeout: 180_000,
          hookTimeout: 180_000,
          globalSetup: ['tests/lab/global-setup.ts'],
        },
      },
    ],
  },
});
