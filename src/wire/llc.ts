/**
 * IEEE 802.2 LLC with SNAP (RFC 1042), the header behind an IEEE 802.3 length.
 *
 *     +---------------+---------------+---------------+
 *     |  DSAP (0xaa)  |  SSAP (0xaa)  | Control (0x03)|
 *     +---------------+---------------+---------------+---------------+
 *     |         Organization Code (0)                 |
 *     +-------------------------------+---------------+
 *     |           EtherType           |
 *     +-------------------------------+
 */
const DSAP = 0;
const SSAP = 1;
const CONTROL = 2;
const ORGANIZATION = 2; // read with the control byte in front of it, as one word
const TYPE = 6;
export const LLC_LENGTH = CONTROL + 1;
export const SNAP_LENGTH = TYPE + 2;

const SAP_SNAP = 0xaa;
const UNNUMBERED_INFORMATION = 0x03;
const ETHERNET_ENCAPSULATED = UNNUMBERED_INFORMATION << 24;
const BRIDGE_TUNNEL_ENCAPSULATED = ETHERNET_ENCAPSULATED | 0x0000f8;

/** Destination service access point. */
export function dsap(view: DataView, at: number): number {
  return view.getUint8(at + DSAP);
}

/** Whether the LLC header is that of SNAP; needs LLC_LENGTH bytes. */
export function isSnap(view: DataView, at: number): boolean {
  return view.getUint8(at + DSAP) === SAP_SNAP && view.getUint8(at + SSAP) === SAP_SNAP;
}

/** The EtherType in a SNAP header, 0 if its organization is not one that carries EtherTypes; needs SNAP_LENGTH bytes. */
export function snapEtherType(view: DataView, at: number): number {
  const organization = view.getInt32(at + ORGANIZATION);
  if (organization !== ETHERNET_ENCAPSULATED && organization !== BRIDGE_TUNNEL_ENCAPSULATED) return 0;
  return view.getUint16(at + TYPE);
}
