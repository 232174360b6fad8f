import fc from 'fast-check';
import { afterEach, beforeEach, expect, vi } from 'vitest';

// A law that fails prints its seed; set FC_SEED to run it again, FC_RUNS to run it longer.
const seed = process.env['FC_SEED'];
fc.configureGlobal({ ...(seed === undefined ? {} : { seed: Number(seed) }), verbose: 1 });

// The library never prints: only src/cli may, and the tests run it as a process.
const methods = ['log', 'warn', 'error', 'info', 'debug'] as const;
beforeEach(() => {
  for (const method of methods) vi.spyOn(console, method);
});
afterEach(() => {
  for (const method of methods) {
    expect(console[method], `console.${method} was called`).not.toHaveBeenCalled();
    vi.mocked(console[method]).mockRestore();
  }
});
