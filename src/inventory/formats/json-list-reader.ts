/**
 * A JSON List read item by item, from pieces of bytes or text: for files that are too big for one string, and for Lists
 * that are cut short. Slower than JSON.parse (about a third of its speed), but holds one item at a time.
 */
import { JSONParser } from '@streamparser/json';
import { type DocumentCollector, impliedKindOf } from './documents.js';
import { asText } from '../facts/guards.js';

/** Feeds each item of one List to a collector, which must have begun a list. */
export class ListReader {
  /** Items handed to the collector so far. */
  items = 0;
  /** The first error, after which nothing more is read. */
  error: string | null = null;
  private impliedKind: string | null = null;
  private readonly parser: JSONParser;

  constructor(collector: DocumentCollector) {
    this.parser = new JSONParser({ paths: ['$.kind', '$.items.*'], keepStack: false });
    this.parser.onValue = ({ value, stack }) => {
      if (stack.length === 1) {
        const kind = asText(value);
        if (kind !== null && kind.endsWith('List')) this.impliedKind = impliedKindOf(kind);
        return;
      }
      this.items++;
      collector.listItem(value, this.impliedKind);
    };
    this.parser.onError = (error) => {
      this.error ??= error.message;
    };
  }

  get isEnded(): boolean {
    return this.parser.isEnded;
  }

  write(piece: string | Uint8Array): void {
    if (this.error !== null) return;
    try {
      this.parser.write(piece);
    } catch (error) {
      this.error ??= error instanceof Error ? error.message : String(error);
    }
  }
}
