/** What templates/page.js gives to the server side: types for a file that is JavaScript because browsers read it. */
import type { PageData } from './page-data.js';

/** A group of outcomes (a conn_state by its protocol), its sign, its word and a sentence. */
type Outcome = readonly [group: string, sign: string, word: string, sentence: string];

/** The page's data as the script works with them. */
export interface PreparedData {
  readonly owners: readonly { readonly namespace: string | null }[];
  readonly policies: readonly { readonly verdict: string; readonly outcome: string }[];
  readonly kinds: readonly { readonly protocol: string; readonly outcome: Outcome }[];
}

/** One decoded row; only the script looks inside. */
export interface PageRow {
  readonly id: string;
}

export interface PageScript {
  prepare(data: PageData): PreparedData;
  readRow(data: PreparedData, row: number): PageRow;
  /** Whether the row is of multicast, neighbour discovery and the like. */
  isLinkTraffic(data: PreparedData, row: number): boolean;
  rowHtml(data: PreparedData, row: PageRow): string;
  /** `isDrawn`: with the path as a drawing, else in words only. */
  detailHtml(row: PageRow, isDrawn?: boolean): string;
}
