/** What went wrong, each finding to be opened. */
import type { Finding, FindingFilters, Severity } from '../../model/finding.js';
import { counted } from '../figures.js';
import { displayText } from '../text.js';
import type { ViewContext } from './context.js';

const SIGNS: Readonly<Record<Severity, string>> = { error: '✕', warning: '▲', note: '○', info: '○' };
const MOST_LINKED = 10;

export interface FindingsView {
  readonly count: string;
  readonly findings: readonly FindingView[];
}

export interface FindingView extends Pick<Finding, 'id' | 'severity' | 'confidence' | 'title' | 'meaning'> {
  readonly sign: string;
  /** The first one: so that the reader sees what is inside. */
  readonly isOpen: boolean;
  readonly facts: readonly string[];
  readonly citation: string;
  readonly connections: readonly { readonly id: string; readonly time: string }[];
  readonly next: readonly { readonly text: string; readonly command: string }[];
  readonly alternatives: readonly string[];
  readonly filters: FindingFilters | null;
}

export function findingsView({ summary, zone }: ViewContext): FindingsView | null {
  const { findings } = summary;
  if (findings.length === 0) return null;
  return {
    count: String(findings.length),
    findings: findings.map((finding, index): FindingView => ({
      id: displayText(finding.id),
      severity: finding.severity,
      confidence: finding.confidence,
      title: displayText(finding.title),
      meaning: displayText(finding.meaning),
      sign: SIGNS[finding.severity],
      isOpen: index === 0,
      facts: finding.facts.map(displayText),
      citation: citationOf(finding),
      connections: finding.connections
        .slice(0, MOST_LINKED)
        .map(({ id, time }) => ({ id: displayText(id), time: zone.formatTimestamp(time).time })),
      next: finding.next.map(({ text, command }) => ({
        text: displayText(text),
        command: displayText(command ?? ''),
      })),
      alternatives: finding.alternatives.map(displayText),
      filters:
        finding.filters === null
          ? null
          : { wireshark: displayText(finding.filters.wireshark), tcpdump: displayText(finding.filters.tcpdump) },
    })),
  };
}

function citationOf({ connectionCount }: Finding): string {
  const all = counted(connectionCount, 'connection');
  return connectionCount > MOST_LINKED ? `${all}, the first at` : `${all}, at`;
}
