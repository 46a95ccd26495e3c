/**
 * Flows, tunnels, WireGuard messages and fragments of every capture in shared/captures against what tshark made of it. What may
 * differ is in accepted-differences.ts, line by line.
 */
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { STOP } from '../../src/wire/stop.js';
import { sharedRoot } from '../tools/shared.js';
import { ACCEPTED_FLOW_DIFFERENCES, ACCEPTED_SURVEY_DIFFERENCES } from './accepted-differences.js';
import { captureNames, capturesFolder, type Expected, expectedOf, framesOf } from './expected.js';
import { type OurCapture, type OurFlow, readOurFlows } from './our-flows.js';
import { expectedSurvey, surveyDifferences, surveyOf, type PacketSurvey } from './survey.js';
import { differencesOf, tuplesOf } from './tuples.js';

/** wiretap's encapsulation numbers of the link types that podtrail does not decode. */
const UNDECODED_LINK_TYPES: ReadonlyMap<string, string> = new Map([
  ['23', '127'],
  ['58', '160'],
]);

const describeShared = sharedRoot === null ? describe.skip : describe;

describeShared('captures of other projects against tshark (needs shared/captures)', () => {
  test('are there', () => {
    expect(captureNames.length).toBeGreaterThan(150);
  });

  test('accepted differences are about captures that are there', () => {
    const accepted = [...ACCEPTED_FLOW_DIFFERENCES.keys(), ...ACCEPTED_SURVEY_DIFFERENCES.keys()];
    expect(accepted.filter((name) => !captureNames.includes(name))).toEqual([]);
  });

  // A table of cases must not be empty, even where it is skipped.
  describe.each(sharedRoot === null ? ['none'] : captureNames)('%s', (name) => {
    let expected: Expected;
    let ours: OurCapture;
    let survey: PacketSurvey;

    beforeAll(async () => {
      expected = expectedOf(name);
      ours = await readOurFlows(join(capturesFolder, name));
      survey = await surveyOf(join(capturesFolder, name));
    });

    test('has the same TCP, UDP and SCTP flows', () => {
      const differences = differencesOf(tuplesOf(expected, framesOf(name), ours.flows));
      expect(differences).toEqual(ACCEPTED_FLOW_DIFFERENCES.get(name)?.lines ?? []);
    });

    test('has the same VNIs, keys, tags, labels, WireGuard messages and fragments', () => {
      const differences = surveyDifferences(expectedSurvey(expected), survey);
      expect(differences).toEqual(ACCEPTED_SURVEY_DIFFERENCES.get(name)?.lines ?? []);
    });

    test('loses no tunnel, message or fragment between packets and flows', () => {
      expect(wireguardOf(ours.flows)).toEqual(survey.wireguardTypes);
      expect([...new Set(ours.flows.flatMap(({ tunnels }) => tunnels.slice(-1)))].sort()).toEqual(survey.tunnels);
      const fragments =
        ours.flows.reduce((sum, flow) => sum + flow.fragments, 0) +
        ours.read.parts.reduce((sum, part) => sum + part.lostFragments, 0);
      expect(fragments).toBe((survey.fragments['IPv4'] ?? 0) + (survey.fragments['IPv6'] ?? 0));
    });

    test('counts the packets of link types that are not decoded', () => {
      const linkTypes = Object.entries(expected.packets_per_wtap_encap).flatMap(([encapsulation, packets]) => {
        const linkType = UNDECODED_LINK_TYPES.get(encapsulation);
        return linkType === undefined ? [] : [[linkType, packets] as const];
      });
      const counted = ours.read.captures[0]!.oddities.filter(({ code }) => code === STOP.LinkTypeNotDecoded);
      expect(counted.map(({ value, packets }) => [String(value), packets])).toEqual(linkTypes);
      expect(survey.undecodedLinkTypes).toEqual(Object.fromEntries(linkTypes));
    });
  });
});

/** Messages of types 1..4, over all flows. */
function wireguardOf(flows: readonly OurFlow[]): number[] {
  return [0, 1, 2, 3].map((type) => flows.reduce((sum, { wireguard }) => sum + (wireguard?.[type] ?? 0), 0));
}
