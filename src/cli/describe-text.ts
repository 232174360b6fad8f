/**
 * One line on what a file is, without parsing it: the value of `description:` in YAML, else the first
 * comment. Empty if there is neither.
 */
export function describeText(text: string): string {
  const described = /^description:[ \t]*(?:(["'])(.*)\1|(.+))[ \t]*$/m.exec(text);
  if (described !== null) return (described[2] ?? described[3] ?? '').trim();
  return /^[ \t]*#+[ \t]*(.+)$/m.exec(text)?.[1]?.trim() ?? '';
}
