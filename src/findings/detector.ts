/** What every finding is made by. */
import type { Connection, ReportSummary } from '../model/document.js';
import type { Finding } from '../model/finding.js';

/** The parts of the summary that findings may read. */
export type FindingFacts = Pick<
  ReportSummary,
  'time' | 'segments' | 'vantagePoints' | 'clocks' | 'wireguard' | 'policies'
>;

/** Why a connection was not set up: one cause each, so that none is in two findings. */
export type SetupFailure =
  | 'denied by policy'
  | 'refused'
  /** WireGuard between the nodes of both ends has no session. */
  | 'no tunnel'
  /** To a Service, and translated to none of its pods. */
  | 'no backend'
  /** Nobody has the address. */
  | 'no such host'
  /** Not seen where others to the same place were seen next. */
  | 'lost on the way'
  /** It reached the server's own device. */
  | 'server silent'
  | 'unanswered'
  /** The capture ends too soon to tell. */
  | 'undecided';

/** A finding before it has its place among the others. */
export type Draft = Omit<Finding, 'id'>;

/** Sees each connection that is not as it should be, once and in order of time, then says what it found. */
export interface Detector {
  /** `failure`: why it was not set up; null if it was. */
  see?(connection: Connection, failure: SetupFailure | null, facts: FindingFacts): void;
  drafts(facts: FindingFacts): Draft[];
}
