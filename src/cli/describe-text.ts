/** Longer descriptions are cut at a word. */
const longest = 160;

/** The comment that a text begins with, as one line. */
function leadingComment(text: string): string {
  const lines: string[] = [];
  for (const line of text.split('\n')) {
    const comment = /^[ \t]*#+[ \t]?(.*)$/.exec(line)?.[1]?.trim();
    if (comment === undefined || (comment === '' && lines.length > 0)) break;
    if (comment !== '') lines.push(comment);
  }
  return lines.join(' ');
}

/**
 * One sentence on what a file is, without parsing it: the value of `description:` in YAML, else the
 * first sentence of its first comment. Empty if there is neither.
 */
export function describeText(text: string): string {
  const described = /^description:[ \t]*(?:(["'])(.*)\1|(.+))[ \t]*$/m.exec(text);
  const all = described === null ? leadingComment(text) : (described[2] ?? described[3] ?? '').trim();
  const sentence = /^.*?\.(?= [A-Z]|$)/.exec(all)?.[0] ?? all;
  if (sentence.length <= longest) return sentence.replace(/\.$/, '');
  return `${sentence.slice(0, sentence.lastIndexOf(' ', longest))} ...`;
}
