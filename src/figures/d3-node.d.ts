declare module 'd3-node' {
  type D3 = typeof import('d3');
  type Svg = import('d3').Selection<import('d3').BaseType, unknown, null, undefined>;

  /** A d3 with a document of its own, for where there is no browser. */
  export class D3Node {
    constructor(options?: { readonly d3Module?: D3 });
    readonly d3: D3;
    createSVG(width: number, height: number, attributes?: Readonly<Record<string, string>>): Svg;
    svgString(): string;
  }
}
