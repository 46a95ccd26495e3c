/** The part of d3-node 4 that is used; the package has no types of its own. */
declare module 'd3-node' {
  import type * as d3 from 'd3';

  export class D3Node {
    /** All of d3 7. */
    readonly d3: typeof d3;
    /** Adds an `svg` element to the body of the node's own document. */
    createSVG(
      width: number,
      height: number,
      attributes?: Readonly<Record<string, string | number>>,
    ): d3.Selection<d3.BaseType, unknown, null, undefined>;
  }
}
