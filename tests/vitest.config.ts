import { defineConfig } from 'vitest/config';

/** Tests of the built command line belong here too: they start it as a process. */
const needsEngine = [
  'tests/cli/*.test.ts',
  'tests/protocols/real/**/*.test.ts',
  'tests/engines/compose/**/*.test.ts',
  'tests/engines/embedded/**/*.test.ts',
  'tests/contracts/**/*.test.ts',
  'tests/scenarios/**/*.test.ts',
];

/** `unit` needs nothing but Node; `real` needs an engine, real servers and time, one file after the other. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['tests/**/*.test.ts'],
          exclude: [...needsEngine, 'tests/bench/**'],
          testTimeout: 20_000,
          // Modules are loaded once for all files: half of the time. Nothing here changes what others see.
          isolate: false,
        },
      },
      {
        test: {
          name: 'real',
          include: needsEngine,
          fileParallelism: false,
          // Real servers on a shared machine now and then miss a time; a fault of the code fails twice. What was repeated is printed.
          retry: process.env.CI ? 1 : 0,
          testTimeout: 180_000,
          hookTimeout: 180_000,
          globalSetup: ['tests/lab/global-setup.ts'],
        },
      },
    ],
  },
});
