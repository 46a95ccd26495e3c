/** The table of stop codes: complete, and fit for people. */
import { describe, expect, test } from '@jest/globals';
import { describeStop, stopDescriptions, stopSentence } from '../../src/wire/stop-description.js';
import { STOP } from '../../src/wire/stop.js';

const CODES = Object.entries(STOP).filter(([name]) => name !== 'None');

describe('stop codes', () => {
  test.each(CODES)('%s has a description', (_name, code) => {
    const description = describeStop(code)!;
    expect(description.name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(stopSentence(code, 7)).toMatch(/^[A-Z].*[.]$/);
    expect(stopSentence(code, 7)).not.toContain('{');
  });

  test('are distinct, and so are their names', () => {
    const descriptions = stopDescriptions();
    expect(new Set(CODES.map(([, code]) => code)).size).toBe(CODES.length);
    expect(new Set(descriptions.map(({ name }) => name)).size).toBe(CODES.length);
    expect(descriptions).toHaveLength(CODES.length);
    expect(descriptions.map(({ code }) => code)).toEqual(
      [...descriptions.map(({ code }) => code)].sort((a, b) => a - b),
    );
  });

  test.each(CODES)('%s says its kind in its name', (name, code) => {
    const { kind, name: shown } = describeStop(code)!;
    expect(kind === 'truncated').toBe(name.startsWith('Truncated'));
    expect(kind === 'not-decoded').toBe(name.endsWith('NotDecoded'));
    expect(shown.startsWith('truncated-')).toBe(kind === 'truncated');
    expect(shown.endsWith('-not-decoded')).toBe(kind === 'not-decoded');
  });

  test('sentences carry the value, EtherTypes in hexadecimal', () => {
    expect(stopSentence(STOP.LinkTypeNotDecoded, 127)).toBe('Link type 127 is not decoded.');
    expect(stopSentence(STOP.EtherTypeNotDecoded, 0x88cc)).toBe('EtherType 0x88cc is not decoded.');
    expect(stopSentence(STOP.IpProtocolNotDecoded, 50)).toBe('IP protocol 50 is not decoded.');
  });

  test('an unknown number has no description but a sentence', () => {
    expect(describeStop(0)).toBeNull();
    expect(describeStop(9999)).toBeNull();
    expect(stopSentence(9999, 0)).toContain('9999');
  });
});
