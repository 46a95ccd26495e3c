/**
 * The HTML report: one file that asks for nothing from anywhere, made from templates/ and the charts.
 *
 * A page holds at most 10,000 connections (or `top`): failed ones first, for they have few bytes and are what people look for,
 * then those with the most bytes. The page says how many it leaves out. The Content Security Policy allows the one script by
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
/** Beyond every number of bytes. */
const FAILED_WEIGHT = 2 ** 60;

/** Writes the page. */
export async function writeHtml(document: ReportDocument, sink: Sink, options: WriteOptions): Promise<void> {
  const { openSurfaces } = await import('./charts/svg-surface.js');
  const script = readPageScript();
  const view = buildPageView({
    document: limitConnections(document),
    allConnections: document.connections.length,
    timeZone: options.timeZone,
    pageScript: await loadPageScript(),
    openSurface: openSurfaces(),
    style: readTemplate('style.css'),
    script,
    scriptHash: createHash('sha256').update(`\n${script}`).digest('base64'),
  });
  await sink.write(compilePage<PageView>()(view));
}

function limitConnections(document: ReportDocument): ReportDocument {
  const { connections, summary } = document;
  if (connections.length <= MOST_CONNECTIONS) return document;
  return { summary, connections: selectRows(connections, rankRows(connections, weight, MOST_CONNECTIONS)) };
}

function weight(connection: Connection): number {
  return isFailed(connection.protocol, connection.state) ? FAILED_WEIGHT : bytesOf(connection);
}
