import { type Selection as Selected, select } from 'd3';
import { element } from './element.ts';

export type Layer = CanvasRenderingContext2D;
export type Drawing = Selected<SVGSVGElement, unknown, null, undefined>;

/** Pictures on top of each other: marks, of which there may be many, on canvases, and above them axes and brushes. */
export type Plot = {
  readonly width: number;
  readonly height: number;
  /** What does not change while rows are selected, and what does. */
  readonly under: Layer;
  readonly over: Layer;
  readonly svg: Drawing;
};

/** Makes a plot in an element, in place of what is there. */
export function openPlot(place: HTMLElement, width: number, height: number, name: string): Plot {
  const canvases = ['', name].map((label) =>
    element('canvas', label === '' ? { 'aria-hidden': 'true' } : { role: 'img', 'aria-label': label }),
  );
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('width', String(width));
  svg.setAttribute('height', String(height));
  place.style.width = `${width}px`;
  place.style.height = `${height}px`;
  place.replaceChildren(...canvases, svg);
  const [under, over] = canvases.map((canvas) => layerOf(canvas, width, height));
  return { width, height, under: under!, over: over!, svg: select(svg) };
}

function layerOf(canvas: HTMLCanvasElement, width: number, height: number): Layer {
  const ratio = Math.min(2, devicePixelRatio);
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const layer = canvas.getContext('2d')!;
  layer.scale(ratio, ratio);
  return layer;
}

/** Does what was last asked for, once before the next picture. */
export function beforePaint<T>(run: (asked: T) => void): (asked: T) => void {
  let next: { readonly asked: T } | undefined;
  return (asked) => {
    if (next === undefined)
      requestAnimationFrame(() => {
        const { asked: last } = next!;
        next = undefined;
        run(last);
      });
    next = { asked };
  };
}

/** Draws for the width that an element has, now and whenever that changes. */
export function whenWide(place: Element, draw: (width: number) => void): () => void {
  let drawn = 0;
  new ResizeObserver(() => {
    const width = Math.floor(place.clientWidth);
    if (width === drawn || width === 0) return;
    drawn = width;
    draw(width);
  }).observe(place);
  return () => {
    if (drawn > 0) draw(drawn);
  };
}
