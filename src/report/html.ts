/**
 * The HTML report: one file that asks for nothing from anywhere, made from templates/ and the charts.
 *
 * A page holds at most 10,000 connections (or `top`), and fewer where long names make it larger than two megabytes, which is what mail and
 * chat take: failed ones first, for they have few bytes and are what people look for, then those with the most bytes. The page says
 * how many it leaves out. The Content Security Policy allows the one script by
 * its hash and no request at all. d3-node with its DOM is by far the heaviest that podtrail can load, and so stands apart.
 */
import { createHash } from 'node:crypto';
import { isFailed, type Connection, type ReportDocument } from '../model/document.js';
import { buildPageView, type PageView } from './html/page-view.js';
import type { Sink, WriteOptions } from './sink.js';
import { compilePage } from './page-template.js';
import { loadPageScript, readPageScript, readTemplate } from './templates.js';
import { bytesOf, rankRows, selectRows } from './top.js';

const MOST_CONNECTIONS = 10_000;
const MOST_BYTES = 2_000_000;
/** With so few connections a larger page is large for other reasons. */
const FEW_CONNECTIONS = 200;
/** Of the connections that should fit, by the size of those there were: the others may be a little larger. */
const MARGIN = 0.97;
/** Beyond every number of bytes. */
const FAILED_WEIGHT = 2 ** 60;

/** Writes the page. */
export async function writeHtml(document: ReportDocument, sink: Sink, options: WriteOptions): Promise<void> {
  const { openSurfaces } = await import('./charts/svg-surface.js');
  const script = readPageScript();
  const fixed = {
    allConnections: document.connections.length,
    timeZone: options.timeZone,
    pageScript: await loadPageScript(),
    openSurface: openSurfaces(),
    style: readTemplate('style.css'),
    script,
    scriptHash: createHash('sha256').update(`\n${script}`).digest('base64'),
  };
  const render = compilePage<PageView>();
  let most = Math.min(MOST_CONNECTIONS, document.connections.length);
  for (;;) {
    const view = buildPageView({ ...fixed, document: limitConnections(document, most) });
    const html = render(view);
    const excess = Buffer.byteLength(html) - MOST_BYTES;
    if (excess <= 0 || most <= FEW_CONNECTIONS) return sink.write(html);
    most = Math.max(FEW_CONNECTIONS, fittingConnections(view, most, excess));
  }
}

/** How many of `most` connections the page has room for that was too large by `excess` bytes. */
function fittingConnections({ connections }: PageView, most: number, excess: number): number {
  const bytes = Buffer.byteLength(connections?.data ?? '');
  return Math.floor(most * Math.max(0, 1 - excess / Math.max(1, bytes)) * MARGIN);
}

function limitConnections(document: ReportDocument, most: number): ReportDocument {
  const { connections, summary } = document;
  if (connections.length <= most) return document;
  return { summary, connections: selectRows(connections, rankRows(connections, weight, most)) };
}

function weight(connection: Connection): number {
  return isFailed(connection.protocol, connection.state) ? FAILED_WEIGHT : bytesOf(connection);
}
