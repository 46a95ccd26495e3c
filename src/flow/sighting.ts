/** Where, when and how large a packet was seen: what the reader knows and the headers do not. Reused. */
export class Sighting {
  /** Dense vantage id (vantage-table.ts). */
  vantage = 0;
  seconds = 0;
  nanoseconds = 0;
  /** Length of the whole frame on the wire. */
  wireLength = 0;
  /** Interface of the capture, and number of the packet in its file from 1. */
  interfaceId = 0;
  frameNumber = 0;
}
