/** Puts the flow sides of one or more partial results under one numbering: one address table, one encapsulation table, … */
import { AddressTable, FAMILY_IPV4 } from '../base/address.js';
import { EncapsulationTable } from '../flow/encapsulations.js';
import type { FlowPart } from '../flow/flow-part.js';
import { OuterPathTable } from '../flow/outer-paths.js';
import { FlowSet, type MappedPart } from '../trail/flow-set.js';

/** `vantages[i]` translates part i's vantage ids to those of the run. */
export function joinFlowParts(parts: readonly FlowPart[], vantages: readonly Int32Array[]): FlowSet {
  const addresses = new AddressTable();
  const encapsulations = new EncapsulationTable();
  const outerPaths = new OuterPathTable();
  const nflogPrefixes: string[] = [];
  const mapped = parts.map((part, index): MappedPart => {
    const addressIds = mapAddresses(part.addresses, addresses);
    return {
      part,
      addresses: addressIds,
      encapsulations: mapEncapsulations(part.encapsulations, encapsulations),
      outerPaths: mapOuterPaths(part.outerPaths, outerPaths, addressIds),
      vantages: vantages[index]!,
      nflogPrefixes: Int32Array.from(part.nflogPrefixes, (prefix) => internText(nflogPrefixes, prefix)),
    };
  });
  return new FlowSet(mapped, { addresses, encapsulations, outerPaths, nflogPrefixes });
}

function mapAddresses(from: AddressTable, to: AddressTable): Int32Array {
  const ids = new Int32Array(from.size);
  for (let id = 0; id < from.size; id++) {
    ids[id] =
      from.family(id) === FAMILY_IPV4
        ? to.internIpv4(from.word(id, 3))
        : to.internIpv6(from.word(id, 0), from.word(id, 1), from.word(id, 2), from.word(id, 3));
  }
  return ids;
}

/** A parent always has a smaller id than its child, so one pass in order suffices; the same holds for outer paths. */
function mapEncapsulations(from: EncapsulationTable, to: EncapsulationTable): Int32Array {
  const ids = new Int32Array(from.size);
  for (let id = 1; id < from.size; id++) {
    const parent = ids[from.parent(id)]!;
    ids[id] = to.intern(parent, from.kind(id), from.tunnelId(id), from.vlan(id, 0), from.vlan(id, 1), from.vlan(id, 2));
  }
  return ids;
}

function mapOuterPaths(from: OuterPathTable, to: OuterPathTable, addresses: Int32Array): Int32Array {
  const ids = new Int32Array(from.size);
  for (let id = 0; id < from.size; id++) {
    const parent = from.parent(id);
    ids[id] = to.intern(parent < 0 ? -1 : ids[parent]!, addresses[from.source(id)]!, addresses[from.destination(id)]!);
  }
  return ids;
}

function internText(known: string[], text: string): number {
  const index = known.indexOf(text);
  return index >= 0 ? index : known.push(text) - 1;
}
