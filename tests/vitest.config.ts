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
          // On a shared CI machine a real server may miss a time limit; a real fault fails twice.
          retry: process.env.CI ? 1 : 0,
          testTimeout: 180_000,
          hookTimeout: 180_000,
          globalSetup: ['tests/lab/global-setup.ts'],
        },
      },
    ],
  },
});
