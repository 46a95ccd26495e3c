/** Markdown: what is told, and that no text from outside means anything to it. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Finding } from '../../src/model/finding.js';
import { writeReport } from '../../src/report/index.js';
import { markdownCode, markdownText } from '../../src/report/markdown-text.js';
import { displayText } from '../../src/report/text.js';
import type { ReportDocument } from '../../src/model/document.js';
import { buildSummary, tableOf } from './documents/build.js';
import { hostileDocument } from './documents/hostile.js';
import { emptyDocument } from './documents/plain.js';

async function markdown(document: ReportDocument): Promise<string> {
  let text = '';
  const sink = { write: (chunk: string | Uint8Array) => void (text += chunk.toString()) };
  await writeReport('md', document, sink, { per: 'connection', timeZone: 'UTC', top: null });
  return text;
}

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom('`', '*', '_', '[', ']', '(', ')', '<', '-', '=', '1', '.', ' ', '\\', '\n', 'x'),
  }),
);

describe('text from outside', () => {
  test('stays what it is, once the escapes are taken away', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(markdownText(text).replace(/\\([!-/:-@[-`{-~])/g, '$1')).toBe(displayText(text));
      }),
    );
  });

  test('has no mark left that formats, links or begins HTML', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const unescaped = markdownText(text).replace(/\\[!-/:-@[-`{-~]/g, '');
        expect(unescaped).not.toMatch(/[\\`*_{}[\]<>#!|~&@\n]/);
      }),
    );
  });

  test.each([
    ['- item', '\\- item'],
    ['1. item', '1\\. item'],
    ['1) item', '1\\) item'],
    ['10.244.1.5:80', '10.244.1.5:80'],
    ['---', '\\---'],
    ['===', '\\==='],
    ['-v', '-v'],
    ['https://example.com', 'https\\://example.com'],
    ['www.example.com', 'www\\.example.com'],
  ])('%j is written %j', (text, expected) => {
    expect(markdownText(text)).toBe(expected);
  });

  test('comes out of a code span as it went in', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const span = markdownCode(text);
        const shown = displayText(text);
        if (shown.trim() === '') {
          expect(span).toBe('');
          return;
        }
        // CommonMark section 6.1: ends at the next run of as many backticks; one space is taken from both ends.
        const fence = /^`+/.exec(span)![0];
        const inside = span.slice(fence.length, -fence.length);
        expect(span.endsWith(fence)).toBe(true);
        expect(Array.from(inside.matchAll(/`+/g), ([run]) => run.length)).not.toContain(fence.length);
        const isPadded = inside.startsWith(' ') && inside.endsWith(' ');
        expect(isPadded ? inside.slice(1, -1) : inside).toBe(shown);
      }),
    );
  });

  test('of a hostile document begins no line, tag or link', async () => {
    const outside = (await markdown(hostileDocument()))
      .replace(/(`+)(?!`).*?[^`]\1(?!`)/g, '')
      .replace(/\\[!-/:-@[-`{-~]/g, '');
    expect(outside).not.toMatch(/[<>[\]`]/);
    for (const line of outside.split('\n')) {
      expect(line).toMatch(/^(#{1,3} |- |\*\*|[^\s#>`|]|$)/);
      // The underline of a heading, or a rule.
      expect(line).not.toMatch(/^[-=\s]*[-=]\s*$/);
    }
  });
});

describe('what is told', () => {
  const finding = (title: string): Finding => ({
    ...{ id: 'x-1', kind: 'x', severity: 'error', confidence: 'likely', title, facts: ['It was seen.'] },
    ...{ meaning: 'It matters.', alternatives: ['Or not.'], connectionCount: 2 },
    next: [{ text: 'Look.', command: 'ls `x`' }],
    connections: [{ id: 'c', time: '2026-03-01T10:00:00.000000000Z', vantagePoint: 0 }],
    filters: { wireshark: 'tcp.port == 1', tcpdump: 'tcp port 1' },
  });
  const withFindings = (...findings: Finding[]): ReportDocument => ({
    summary: buildSummary({ findings }),
    connections: tableOf([]),
  });

  test('each finding with what it rests on, what to do and what else it could be', async () => {
    const text = await markdown(withFindings(finding('a cannot reach b')));
    expect(text.slice(text.indexOf('## '))).toBe(
      [
        '## 1 finding',
        '### 1. a cannot reach b',
        '**error**, likely · 2 connections, the first at 2026-03-01 10:00:00.000',
        'It matters.',
        '- It was seen.',
        'Next:',
        '- Look. `` ls `x` ``',
        'It could also be:',
        '- Or not.',
        'To see it:',
        '- Wireshark: `tcp.port == 1`\n- tcpdump: `tcp port 1`\n',
      ].join('\n\n'),
    );
  });

  test('findings beyond twenty by their titles', async () => {
    const text = await markdown(withFindings(...Array.from({ length: 23 }, (_, index) => finding(`finding ${index}`))));
    expect(text).toContain('## 23 findings');
    expect(text).toContain('### 20. finding 19');
    expect(text).toContain('- error: finding 20\n- error: finding 21\n- error: finding 22\n');
    expect(text).not.toContain('### 21.');
  });

  test('no packets: a sentence, and why', async () => {
    expect(await markdown(emptyDocument())).toMatch(
      /^# No packets in 1 capture\.\n\n1 capture · 0 packets · 0 connections\n\n## What these captures cannot show\n\n- /,
    );
  });
});
