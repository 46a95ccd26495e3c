/** Finding: a diagnosed problem, with what shows it, what else it could be, and what to do next. */

/** `error`: something does not work; `warning`: it works badly, or may not for long; `note` and `info`: good to know. */
export type Severity = 'error' | 'warning' | 'note' | 'info';

/** Worst first. */
export const SEVERITIES: readonly Severity[] = ['error', 'warning', 'note', 'info'];

/** `confirmed`: nothing else explains what was seen; `likely`: others are improbable; `possible`: see `alternatives`. */
export type FindingConfidence = 'confirmed' | 'likely' | 'possible';

export interface Finding {
  /** Unique in the document, the same for the same input: `connection-refused-1`. */
  readonly id: string;
  /** Name of what was diagnosed: `connection-refused`. */
  readonly kind: string;
  readonly severity: Severity;
  readonly confidence: FindingConfidence;
  /** One sentence: who cannot do what. */
  readonly title: string;
  /** What was seen, as sentences. */
  readonly facts: readonly string[];
  /** Why it matters, as a sentence. */
  readonly meaning: string;
  /** What to do next, best first. */
  readonly next: readonly NextStep[];
  /** What else could explain what was seen, likeliest first; empty if `confirmed`. */
  readonly alternatives: readonly string[];
  /** Connections that show it, by time: at most 100. Empty for what concerns nodes and captures. */
  readonly connections: readonly CitedConnection[];
  /** How many connections show it. */
  readonly connectionCount: number;
  /** Select the traffic of the first connections cited, at most 10; null where none is. */
  readonly filters: FindingFilters | null;
}

export interface NextStep {
  readonly text: string;
  /** To be copied into a shell; null where there is none. */
  readonly command: string | null;
}

export interface CitedConnection {
  /** Its id in `connections`, where that was selected. */
  readonly id: string;
  /** RFC 3339, UTC: its first packet. */
  readonly time: string;
  /** Id of the vantage point that its counters are of. */
  readonly vantagePoint: number;
}

export interface FindingFilters {
  /** Wireshark's display filter. */
  readonly wireshark: string;
  /** pcap-filter(7). */
  readonly tcpdump: string;
}
