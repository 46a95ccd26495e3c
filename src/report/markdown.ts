/**
 * The report for tickets and chat: what went wrong, what to do next and what the captures cannot show, as Markdown. Connections
 * are for the other formats; a ticket has room for what is to be read.
 */
import type { ReportDocument, ReportSummary } from '../model/document.js';
import type { Finding } from '../model/finding.js';
import { counted, formatDuration, formatShortCount } from './figures.js';
import { describeContents } from './headline.js';
import { markdownCode, markdownText } from './markdown-text.js';
import type { Sentence } from './sentence.js';
import type { Sink, WriteOptions } from './sink.js';
import { type TimeZone, zoneOf } from './zone.js';

/** Findings told in full; the others by their titles. */
const MOST_TOLD = 20;
const MOST_LIMITATIONS = 20;

export async function writeMarkdown(document: ReportDocument, sink: Sink, options: WriteOptions): Promise<void> {
  const { summary } = document;
  const zone = zoneOf(summary, options.timeZone);
  const { lead, sentences } = describeContents(document);
  const blocks = [
    `# ${sentenceText(lead)}`,
    factsOf(summary, zone),
    ...(summary.partial ? ['Interrupted: this is what had been read until then.'] : []),
    sentences.map(sentenceText).join(' '),
    ...findingBlocks(summary.findings, zone),
    ...limitationBlocks(summary),
  ];
  // Four spaces in front would make code of a text.
  const told = blocks.map((block) => block.trim()).filter((block) => block !== '');
  await sink.write(`${told.join('\n\n')}\n`);
}

function sentenceText(sentence: Sentence): string {
  return sentence.map(({ text, strong }) => (strong ? `**${markdownText(text)}**` : markdownText(text))).join('');
}

function factsOf({ captures, totals, time }: ReportSummary, zone: TimeZone): string {
  const facts = [
    counted(captures.length, 'capture'),
    `${formatShortCount(totals.packets)} packets`,
    counted(totals.selectedConnections, 'connection'),
  ];
  if (time !== null) {
    const [start, end] = [momentText(time.start, zone), momentText(time.end, zone)];
    facts.push(`${start} to ${end} ${markdownText(zone.name)} (${formatDuration(time.durationNs / 1000)})`);
  }
  return facts.join(' · ');
}

function momentText(timestamp: string, zone: TimeZone): string {
  const { date, time } = zone.formatTimestamp(timestamp);
  return markdownText(`${date} ${time}`.trim());
}

function findingBlocks(findings: readonly Finding[], zone: TimeZone): string[] {
  if (findings.length === 0) return [];
  const others = findings.slice(MOST_TOLD).map(({ severity, title }) => `- ${severity}: ${markdownText(title)}`);
  return [
    `## ${counted(findings.length, 'finding')}`,
    ...findings.slice(0, MOST_TOLD).flatMap((finding, index) => findingBlock(finding, index + 1, zone)),
    ...(others.length === 0 ? [] : ['### Others', others.join('\n')]),
  ];
}

function findingBlock(finding: Finding, number: number, zone: TimeZone): string[] {
  const { title, facts, meaning, next, alternatives, filters } = finding;
  return [
    `### ${number}. ${markdownText(title)}`,
    citationOf(finding, zone),
    markdownText(meaning),
    bullets(facts.map(markdownText)),
    section(
      'Next',
      next.map(({ text, command }) => `${markdownText(text)} ${markdownCode(command ?? '')}`.trimEnd()),
    ),
    section('It could also be', alternatives.map(markdownText)),
    filters === null
      ? ''
      : section('To see it', [
          `Wireshark: ${markdownCode(filters.wireshark)}`,
          `tcpdump: ${markdownCode(filters.tcpdump)}`,
        ]),
  ];
}

function citationOf({ severity, confidence, connectionCount, connections }: Finding, zone: TimeZone): string {
  const [first] = connections;
  const cited = connectionCount === 0 ? '' : ` · ${counted(connectionCount, 'connection')}`;
  const since = first === undefined ? '' : `, the first at ${momentText(first.time, zone)}`;
  return `**${severity}**, ${confidence}${cited}${since}`;
}

function limitationBlocks({ limitations }: ReportSummary): string[] {
  if (limitations.length === 0) return [];
  const told = limitations
    .slice(0, MOST_LIMITATIONS)
    .map(({ text, advice }) => markdownText(advice === null ? text : `${text} ${advice}`));
  const hidden = limitations.length - told.length;
  return ['## What these captures cannot show', bullets(hidden > 0 ? [...told, `and ${hidden} more`] : told)];
}

function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${title}:\n\n${bullets(lines)}`;
}

function bullets(lines: readonly string[]): string {
  return lines.map((line) => `- ${line.trim()}`).join('\n');
}
