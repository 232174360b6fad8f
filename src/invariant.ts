/** A bug of ours, never the user's: it ends the program with exit code 70. */
export class InternalError extends Error {
  override readonly name = 'InternalError';
}

/** Throws `InternalError` unless the condition holds. Never used on user input. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InternalError(message);
}
