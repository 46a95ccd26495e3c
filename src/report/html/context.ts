/**
 * What the views of the page's parts are made from: the document, what one pass over its connections gives, the zone of its
 * times, and the tools that draw and render.
 */
import type { ReportDocument, ReportSummary } from '../../model/document.js';
import { parseTimestamp } from '../../base/time.js';
import type { SurfaceFactory } from '../charts/svg-surface.js';
import { AttemptGroups, hasFailures, type FailedAttempts } from '../headline.js';
import { TimeZone } from '../zone.js';
import { PageDataEncoder, type PageData } from './page-data.js';
import type { PageScript } from './page-script.js';

export interface PageInput {
  /** With the connections that the page holds. */
  readonly document: ReportDocument;
  /** Connections of the document before it was limited for the page. */
  readonly allConnections: number;
  readonly timeZone: string;
  readonly pageScript: PageScript;
  readonly openSurface: SurfaceFactory;
  readonly style: string;
  readonly script: string;
  readonly scriptHash: string;
}

/** What the views of the parts are made from. */
export interface ViewContext extends PageInput {
  readonly summary: ReportSummary;
  readonly zone: TimeZone;
  /** Earliest time of the document, the zero of relative times; null if there is none. */
  readonly origin: string | null;
  /** True if the page's times are of more than one day. */
  readonly manyDays: boolean;
  /** The connection table as data; null if it is empty. */
  readonly pageData: PageData | null;
  readonly failures: readonly FailedAttempts[];
}

/** Throws a usage error if there is no such time zone. */
export function viewContext(input: PageInput): ViewContext {
  const { summary, connections } = input.document;
  const origin = summary.time?.start ?? (connections.length > 0 ? connections.row(0).start : null);
  const start = origin === null ? null : parseTimestamp(origin);
  const end = summary.time === null ? start : parseTimestamp(summary.time.end);
  const zone = new TimeZone(input.timeZone, start?.seconds ?? 0, (end ?? start)?.seconds ?? 0);
  const manyDays =
    start !== null && end !== null && zone.format(start.seconds, 0).date !== zone.format(end.seconds, 0).date;
  return { ...input, summary, zone, origin, manyDays, ...readConnections(input.document, origin, zone, manyDays) };
}

/** All that the page needs of the connections, in one pass: a table may make each row anew whenever it is asked for it. */
function readConnections(
  document: ReportDocument,
  origin: string | null,
  zone: TimeZone,
  manyDays: boolean,
): Pick<ViewContext, 'pageData' | 'failures'> {
  const { summary, connections } = document;
  if (origin === null || connections.length === 0) return { pageData: null, failures: [] };
  const encoder = new PageDataEncoder(summary, origin);
  const attempts = new AttemptGroups();
  const mayFail = hasFailures(document);
  for (let index = 0; index < connections.length; index++) {
    const connection = connections.row(index);
    encoder.add(connection);
    if (mayFail) attempts.add(connection);
  }
  return { pageData: encoder.finish(zone, manyDays), failures: attempts.failures() };
}
