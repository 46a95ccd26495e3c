/** What an analysis is asked for and what it answers: the contract between the command line and the pipeline. */
import type { Readable } from 'node:stream';
import type { EventListener } from '../base/events.js';
import type { Timestamp } from '../base/time.js';
import type { AddressName } from '../inventory/names.js';
import type { ReportDocument } from '../model/document.js';
import type { PolicyJudge } from '../policy/judge.js';
import { DEFAULT_OPTIONS, type PolicyOptions } from '../policy/options.js';
import type { PolicyText } from '../policy/read/read-policies.js';

export interface AnalysisRequest {
  /** Paths of captures, directories already expanded; `-` is standard input. */
  readonly captures: readonly string[];
  /** Files and directories of the cluster snapshot. */
  readonly inventory: readonly string[];
  /** `--node NAME=DIR`: directories with a node's `ip` output. */
  readonly nodeDirectories: readonly { readonly node: string; readonly directory: string }[];
  /** `--vantage FILE=NODE/INTERFACE`; FILE may be a glob pattern or a file name without its folder. */
  readonly vantages: readonly {
    readonly file: string;
    readonly node: string | null;
    readonly interface: string | null;
  }[];
  /** UDP ports that are VXLAN whatever their headers look like, besides those recognised. */
  readonly vxlanPorts: readonly number[];
  /** Names that the user gave to addresses which the snapshot does not know. */
  readonly names: readonly AddressName[];
  /** `--clock NODE=+0.35s`: nanoseconds by which a node's clock is ahead; absent or empty: what packets tell. */
  readonly clocks?: readonly { readonly node: string; readonly aheadNs: number }[];
  /** Most flows kept in memory in full. */
  readonly maxFlows: number;
  /** Threads that read captures side by side, at most; 1 reads them in this one. */
  readonly workers: number;
  /** Input for which another thread is worth its start. */
  readonly leastBytesPerWorker: number;
  readonly selection: Selection;
  /** Absent: those of the inventory alone, read the usual way. */
  readonly policies?: PolicyRequest;
  /** Echoed in the document. */
  readonly options: readonly { readonly name: string; readonly value: string }[];
}

/** Policies besides those of the inventory, and how they are read. */
export interface PolicyRequest {
  /** Files of `--policies`, which stand over those of the inventory as if applied to the cluster. */
  readonly texts: readonly PolicyText[];
  readonly options: PolicyOptions;
}

export const INVENTORY_POLICIES: PolicyRequest = { texts: [], options: DEFAULT_OPTIONS };

/** Which connections the report shows. Applied after joining; a connection is shown whole or not at all. */
export interface Selection {
  /** Client or server in one of these namespaces; empty = all. */
  readonly namespaces: readonly string[];
  /** Client or server is one of these pods: `name`, `namespace/name`, or a prefix ending in `*`; empty = all. */
  readonly pods: readonly string[];
  /** Connections that overlap with [since, until]. */
  readonly since: TimeBound | null;
  readonly until: TimeBound | null;
  /** The N connections with the most bytes, or null for all. */
  readonly top: number | null;
}

/** A moment: absolute, a UTC time of day on the capture's last day on which it is not after the capture's end, or before the end. */
export type TimeBound =
  | { readonly kind: 'absolute'; readonly time: Timestamp }
  | { readonly kind: 'time-of-day'; readonly secondsOfDay: number }
  | { readonly kind: 'before-end'; readonly nanoseconds: number };

export interface AnalysisContext {
  readonly listener: EventListener;
  /** Aborting ends reading; what is known is still reported, marked partial. */
  readonly signal: AbortSignal;
  readonly standardInput: () => Readable;
}

export interface AnalysisResult {
  readonly document: ReportDocument;
  /** Sentences about inputs that could not be read, or not to their end; not empty means exit code 3. */
  readonly failures: readonly string[];
}

/** For what goes on asking policies after the report is made. */
export interface JudgedAnalysis extends AnalysisResult {
  /** The cluster and its policies, which may be none. */
  readonly judge: PolicyJudge;
}

/** `--dry-run`: what was recognised in every input, without reading the captures through. */
export interface InputDescription {
  readonly path: string;
  readonly role: 'capture' | 'inventory' | 'not used';
  /** `pcapng, gzip, 3 interfaces, first packet 2026-11-23T15:04:02.1Z`, `PodList, 18 pods`, … */
  readonly recognizedAs: string;
  readonly vantagePoint: string | null;
  readonly problem: string | null;
}
