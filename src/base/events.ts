/** The bus on which the engine says what it is doing. The engine never prints; the command line listens. */

export type EngineEvent =
  | { readonly type: 'phase'; readonly phase: 'inventory' | 'captures' | 'joining' | 'writing' }
  /** Bytes are of the (possibly compressed) input; totalBytes is null when an input's size is not known. */
  | { readonly type: 'progress'; readonly bytes: number; readonly totalBytes: number | null; readonly packets: number }
  | { readonly type: 'warning'; readonly message: string; readonly hint: string | null }
  | { readonly type: 'error'; readonly message: string; readonly hint: string | null };

export type EventListener = (event: EngineEvent) => void;

/** For callers that do not want to know. */
export function ignoreEvents(): void {}
