/** A sink that keeps what writers write. */

/** Collects what a writer writes. */
export function collect(): {
  sink: { write(chunk: string | Uint8Array): Promise<void> };
  text: () => string;
  chunks: number[];
} {
  const parts: string[] = [];
  const chunks: number[] = [];
  return {
    sink: {
      async write(chunk) {
        const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
        parts.push(text);
        chunks.push(text.length);
      },
    },
    text: () => parts.join(''),
    chunks,
  };
}
