/**
 * What these captures and this inventory cannot show, as sentences: the reader must know it before believing the rest. Worst
 * first. Fuller diagnoses of the captures themselves (group A of the catalogue) build on the same facts.
 */
import type { CaptureSummary, InventorySummary, Limitation, VantagePoint } from '../model/document.js';

export interface LimitationFacts {
  readonly captures: readonly CaptureSummary[];
  readonly vantagePoints: readonly VantagePoint[];
  readonly inventory: InventorySummary | null;
  /** Latest packet, RFC 3339; null without packets. */
  readonly latest: string | null;
  readonly mixedVantages: readonly string[];
  /** Vantage points whose TCP flows were nearly all seen in one direction only. */
  readonly oneWayVantages: readonly string[];
  /** False if only a sample of the packets was looked through for copies. */
  readonly areCopiesCounted: boolean;
  readonly unattributed: number;
  readonly flowsFinishedEarly: number;
  readonly flowsAggregated: number;
  /** Of these, those that are only in a sum per protocol. */
  readonly flowsMerged: number;
  /** Flows put aside without what they had beside their counters. */
  readonly flowsWithoutExtras: number;
  readonly lostFragments: number;
  readonly undecodedPackets: number;
  readonly isInterrupted: boolean;
}

export function limitationsOf(facts: LimitationFacts): Limitation[] {
  const all = [
    ...interrupted(facts),
    ...facts.captures.flatMap(damage),
    ...facts.captures.flatMap(kernelDrops),
    ...inventoryLimits(facts),
    ...oneWay(facts),
    ...mixedInterfaces(facts),
    ...copies(facts),
    ...truncation(facts),
    ...missingTimes(facts),
    ...flowLimits(facts),
    ...undecoded(facts),
  ];
  return [
    ...all.filter(({ severity }) => severity === 'warning'),
    ...all.filter(({ severity }) => severity === 'note'),
  ];
}

function warning(text: string, advice: string | null): Limitation {
  return { severity: 'warning', text, advice };
}

function note(text: string, advice: string | null): Limitation {
  return { severity: 'note', text, advice };
}

function interrupted({ isInterrupted }: LimitationFacts): Limitation[] {
  return isInterrupted
    ? [warning('The analysis was interrupted: this is what had been read until then.', 'Run it again to the end.')]
    : [];
}

function damage(capture: CaptureSummary): Limitation[] {
  if (capture.damage === null) return [];
  const { offset, message } = capture.damage;
  return [
    warning(
      `${capture.path === '-' ? 'standard input' : capture.path} could only be read up to byte ${offset}: ${message}.`,
      'Copy the file again after the capture has been stopped.',
    ),
  ];
}

function kernelDrops(capture: CaptureSummary): Limitation[] {
  const dropped = capture.interfaces.reduce((sum, each) => sum + (each.droppedPackets ?? 0), 0);
  if (dropped === 0) return [];
  return [
    warning(
      `${capture.path}: the capturing kernel dropped ${counted(dropped, 'packet')}; what is missing there need not have been lost on the network.`,
      'Capture with a larger buffer (tcpdump -B 16384), a capture filter or a snapshot length (-s 128).',
    ),
  ];
}

function inventoryLimits({ inventory, latest, unattributed }: LimitationFacts): Limitation[] {
  if (inventory === null) {
    return [
      note(
        'No inventory was given, so addresses have no names.',
        'Collect one beside the captures: kubectl get pods,services,endpointslices,nodes,namespaces,networkpolicies,deployments,replicasets -A -o json > inventory.json, and give it with --inventory inventory.json.',
      ),
    ];
  }
  const limits: Limitation[] = [];
  if (inventory.pods === 0) {
    limits.push(
      warning(
        'The inventory holds no pods, so pod addresses have no names.',
        'Add the output of: kubectl get pods -A -o json',
      ),
    );
  }
  const newest = inventory.snapshots.at(-1);
  if (newest !== undefined && latest !== null && newest < latest) {
    limits.push(
      note(
        `The inventory was taken before the last packets (newest snapshot ${newest}): owners after it are assumed.`,
        'Take a snapshot after the capture as well, and give both.',
      ),
    );
  }
  if (unattributed > 0) {
    limits.push(
      note(
        `${counted(unattributed, 'address', 'addresses')} in the cluster's networks ${unattributed === 1 ? 'has' : 'have'} no known owner at that time.`,
        null,
      ),
    );
  }
  return limits;
}

function mixedInterfaces({ mixedVantages }: LimitationFacts): Limitation[] {
  return mixedVantages.map((name) =>
    note(
      `${name} was captured on all interfaces in a format that does not tell them apart: it holds most packets several times, and its counters are used only where there are no others.`,
      'Capture with tcpdump -i any -y LINUX_SLL2, or on the interfaces of interest.',
    ),
  );
}

/** Names of one limitation that are spelled out. */
const MOST_NAMES = 5;

function someOf(names: readonly string[]): string {
  const more = names.length - MOST_NAMES;
  return more > 0 ? `${names.slice(0, MOST_NAMES).join(', ')} and ${more} more` : names.join(', ');
}

function oneWay({ oneWayVantages }: LimitationFacts): Limitation[] {
  if (oneWayVantages.length === 0) return [];
  return [
    warning(
      `${someOf(oneWayVantages)}: nearly all TCP connections were seen in one direction only, so losses, answers and round trips there cannot be judged.`,
      'Capture where both directions pass, without a capture filter on one of them; a mirrored port must mirror both.',
    ),
  ];
}

function copies({ vantagePoints, areCopiesCounted }: LimitationFacts): Limitation[] {
  const showing = vantagePoints.filter((point) => point.role !== 'any' && point.copies > 0);
  if (showing.length === 0) return [];
  const total = showing.reduce((sum, point) => sum + point.copies, 0);
  return [
    note(
      `${areCopiesCounted ? '' : 'About '}${counted(total, 'packet')} at ${someOf(showing.map(({ name }) => name))} had been there before: a promiscuous bridge or a mirrored port shows packets again, or the network made two of one. They count as packets there and are not taken for retransmissions.`,
      'Capture with tcpdump -p on bridges.',
    ),
  ];
}

function truncation({ captures }: LimitationFacts): Limitation[] {
  const truncated = captures.reduce((sum, capture) => sum + capture.truncatedPackets, 0);
  if (truncated === 0) return [];
  const packets = captures.reduce((sum, capture) => sum + capture.packets, 0);
  return [
    note(
      `${counted(truncated, 'packet')} of ${packets} ${truncated === 1 ? 'was' : 'were'} cut by the snapshot length: sizes come from the headers, contents are not complete.`,
      null,
    ),
  ];
}

function missingTimes({ captures }: LimitationFacts): Limitation[] {
  const missing = captures.reduce((sum, capture) => sum + capture.packetsWithoutTime, 0);
  if (missing === 0) return [];
  return [note(`${counted(missing, 'packet')} without a time count as simultaneous with the one before them.`, null)];
}

function flowLimits(facts: LimitationFacts): Limitation[] {
  const { flowsFinishedEarly, flowsAggregated, flowsMerged, flowsWithoutExtras, lostFragments } = facts;
  const limits: Limitation[] = [];
  if (flowsFinishedEarly > 0) {
    limits.push(
      note(
        `${counted(flowsFinishedEarly, 'flow')} ${flowsFinishedEarly === 1 ? 'was' : 'were'} put aside early because of the flow limit; what came of them later was joined again by address, port and time.`,
        'Raise --max-flows if memory allows.',
      ),
    );
  }
  if (flowsAggregated > 0) {
    limits.push(
      warning(
        `${counted(flowsAggregated, 'flow')} could only be added up by client, server and server port.`,
        'Raise --max-flows if memory allows.',
      ),
    );
  }
  if (flowsMerged > 0) {
    limits.push(
      warning(
        `${flowsMerged} of them ${flowsMerged === 1 ? 'is' : 'are'} in one row per vantage point and protocol, under the address 0.0.0.0: there were too many clients and servers as well.`,
        'Raise --max-flows if memory allows.',
      ),
    );
  }
  if (flowsWithoutExtras > 0) {
    limits.push(
      note(
        `${counted(flowsWithoutExtras, 'flow')} put aside early lost the NFLOG prefix, the WireGuard messages or a handshake time of more than 2 seconds.`,
        'Raise --max-flows if memory allows.',
      ),
    );
  }
  if (lostFragments > 0) {
    limits.push(
      note(`${counted(lostFragments, 'IP fragment')} belong to datagrams whose first fragment was not captured.`, null),
    );
  }
  return limits;
}

function undecoded({ undecodedPackets }: LimitationFacts): Limitation[] {
  if (undecodedPackets === 0) return [];
  return [note(`${counted(undecodedPackets, 'packet')} could not be decoded down to a flow; see the oddities.`, null)];
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
