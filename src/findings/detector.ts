/** What every finding is made by. */
import type { Connection, ReportSummary } from '../model/document.js';
import type { Finding } from '../model/finding.js';

/** The parts of the summary that findings may read. */
export type FindingFacts = Pick<
  ReportSummary,
  'time' | 'segments' | 'vantagePoints' | 'clocks' | 'wireguard' | 'policies' | 'inventory'
>;

/** A finding before it has its place among the others. */
export type Draft = Omit<Finding, 'id'>;

/** Sees each connection that is not as it should be, once and in order of time, then says what it found. */
export interface Detector {
  see?(connection: Connection, facts: FindingFacts): void;
  drafts(facts: FindingFacts): Draft[];
}
