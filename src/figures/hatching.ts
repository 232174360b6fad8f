/** Pixels between the lines of a hatching. */
const pitch = 7;

type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };

/**
 * Lines that rise to the right across a box, as the path of an SVG. They are cut at its edges and not by a pattern or a
 * clip, which would need names that are unique in a page.
 */
export function hatching({ x, y, width, height }: Box): string {
  const lines: string[] = [];
  // A line is where x + y (from the top left corner) is the same.
  for (let at = pitch / 2; at < width + height; at += pitch) {
    const [fromX, toX] = [Math.max(0, at - height), Math.min(width, at)];
    lines.push(`M${x + fromX},${y + at - fromX}L${x + toX},${y + at - toX}`);
  }
  return lines.join('');
}
