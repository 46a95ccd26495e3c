/**
 * What `import 'podtrail'` gives: the types of the report document, for programs that read podtrail's JSON, and the name of
 * its format. The JSON Schema is at `podtrail/schema`. The engine itself is used through the command line.
 */
import type { Connection, ReportSummary } from './model/document.js';

export { DOCUMENT_FORMAT, isFailed } from './model/document.js';
export type * from './model/document.js';
export type * from './model/owner.js';

/** A JSON report as parsed: the summary's members and the connection table in one object. */
export interface ReportJson extends ReportSummary {
  readonly connections: readonly Connection[];
}
