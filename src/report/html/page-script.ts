/** What templates/page.js gives to the server side: types for a file that is JavaScript because browsers read it. */
import type { PageData } from './page-data.js';

/** The page's data with what the script derives from them. */
export interface PreparedData extends PageData {
  readonly firstHop: Int32Array;
}

/** One decoded row; only the script looks inside. */
export interface PageRow {
  readonly id: string;
}

export interface PageScript {
  prepare(data: PageData): PreparedData;
  readRow(data: PreparedData, row: number): PageRow;
  rowHtml(data: PreparedData, row: PageRow): string;
  detailHtml(row: PageRow): string;
  /** Group, sign, word and sentence of a conn_state. */
  stateOf(protocol: string, state: string): readonly [string, string, string, string];
}
