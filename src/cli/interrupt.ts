/** Ctrl-C, or the end that a batch system announces. */
const signals = ['SIGINT', 'SIGTERM'] as const;

/** Tells of the first Ctrl-C; the second one ends the process at once. `forget` is to be called when nothing listens any more. */
export function watchInterrupt(): { readonly signal: AbortSignal; readonly forget: () => void } {
  const controller = new AbortController();
  const interrupt = (): void => {
    forget();
    controller.abort();
  };
  const forget = (): void => {
    for (const signal of signals) process.off(signal, interrupt);
  };
  for (const signal of signals) process.on(signal, interrupt);
  return { signal: controller.signal, forget };
}
