/** Where, when and how large a packet was seen: what the reader knows and the headers do not. One object, reused. */
export class Sighting {
  /** Dense vantage id (vantage-table.ts). */
  vantage = 0;
  seconds = 0;
  nanoseconds = 0;
  /** Length of the whole frame on the wire. */
  wireLength = 0;
}
