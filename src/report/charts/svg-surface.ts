/**
 * Where charts are drawn: the seam around d3-node, so that another DOM could be put in its place.
 *
 * All charts of a page share one document, for making one costs more than drawing a chart. Colours come from the page's style
 * sheet by class, so that light, dark and print need no second drawing. d3 escapes text; that it is fit to be shown is
 * the caller's business (report/text.ts).
 */
import { D3Node } from 'd3-node';
import type { BaseType, Selection } from 'd3';

export type D3 = D3Node['d3'];
/** An element of the drawing; which one does not matter to the callers. */
export type SvgNode = Selection<BaseType, unknown, null, undefined>;

export interface SvgSurface {
  readonly d3: D3;
  readonly svg: SvgNode;
  /** The finished drawing as markup. */
  toString(): string;
}

export interface SurfaceOptions {
  readonly width: number;
  readonly height: number;
  /** Tells it from other drawings of the page. */
  readonly id: string;
  readonly className: string;
  /** What screen readers say instead of the drawing: what it is, and what it shows. */
  readonly title: string;
  readonly description: string;
}

export type SurfaceFactory = (options: SurfaceOptions) => SvgSurface;

/** Opens a document for the charts of one page. */
export function openSurfaces(): SurfaceFactory {
  const node = new D3Node();
  return ({ width, height, id, className, title, description }) => {
    const svg = node.createSVG(width, height, {
      viewBox: `0 0 ${width} ${height}`,
      class: className,
      'aria-labelledby': `${id}-title`,
      'aria-describedby': `${id}-description`,
    });
    svg.append('title').attr('id', `${id}-title`).text(title);
    svg.append('desc').attr('id', `${id}-description`).text(description);
    return { d3: node.d3, svg, toString: () => String(svg.property('outerHTML')) };
  };
}
