/**
 * Runs what Ctrl-C may stop. Then it is interrupted and cleans up what it has on disk, and the process ends as it would
 * have without.
 */
export async function interruptible<T>(interrupt: () => void, run: () => Promise<T>): Promise<T> {
  let stopped = false;
  const stop = (): void => {
    stopped = true;
    interrupt();
  };
  process.once('SIGINT', stop);
  try {
    return await run();
  } finally {
    process.removeListener('SIGINT', stop);
    if (stopped) process.kill(process.pid, 'SIGINT');
  }
}
