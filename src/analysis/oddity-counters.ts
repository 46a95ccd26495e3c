/**
 * Oddities of one capture: how often each stop code (with its value) was met on each interface, and in which frame first.
 */

const MAX_KINDS = 4096;

export interface OddityCount {
  readonly interfaceId: number;
  /** Number of src/wire/stop.ts. */
  readonly code: number;
  /** What was met: link type, EtherType, protocol, length; 0 where the code says it all. */
  readonly value: number;
  packets: number;
  readonly firstFrame: number;
}

export class OddityCounters {
  /** Packets that belong to no flow at all; ARP is not counted. */
  undecodedPackets = 0;
  private readonly counts = new Map<number, OddityCount[]>();
  private kinds = 0;

  /** Counts one packet; only called for packets that have an oddity. */
  add(interfaceId: number, code: number, value: number, frame: number): void {
    let list = this.counts.get(code);
    if (list === undefined) {
      list = [];
      this.counts.set(code, list);
    }
    for (const count of list) {
      if (count.interfaceId === interfaceId && count.value === value) {
        count.packets++;
        return;
      }
    }
    if (this.kinds >= MAX_KINDS) return;
    this.kinds++;
    list.push({ interfaceId, code, value, packets: 1, firstFrame: frame });
  }

  /** All counts, by interface, code and value. */
  list(): OddityCount[] {
    return [...this.counts.values()]
      .flat()
      .sort((a, b) => a.interfaceId - b.interfaceId || a.code - b.code || a.value - b.value);
  }
}
