import { defineConfig } from 'vitest/config';

export default defineConfig(({ mode }) => ({
  // Experiments import the package by its name.
  resolve: { alias: { attnsim: new URL('src/index.ts', import.meta.url).pathname } },
  test: {
    include: [mode === 'fuzz' ? 'test/fuzz/*.fuzz.ts' : 'test/**/*.test.ts'],
    benchmark: { include: ['test/bench/**/*.bench.ts'] },
    environment: 'node',
    globalSetup: ['test/build.ts'],
    setupFiles: ['test/setup.ts'],
    // Vitest would leave one core idle, and tests of processes, queues and browsers wait much of their time.
    maxWorkers: '150%',
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
}));
