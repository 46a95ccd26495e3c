/** Builds zstd frames (RFC 8878) by hand, of raw and run-length blocks: no packages here compress to zstd. */

const MAGIC = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd);
const RAW = 0;
const RUN_LENGTH = 1;
/** Window of 1 MiB, unless the caller says otherwise. */
const WINDOW_DESCRIPTOR = 0x50;
const LARGEST_BLOCK = 128 * 1024;
export const STORED_BLOCK = 32 * 1024;

/** A block header and its content; `size` is what the header says. */
export function block(type: number, size: number, content: Uint8Array, isLast: boolean): Uint8Array {
  const header = (size << 3) | (type << 1) | (isLast ? 1 : 0);
  return Buffer.concat([Uint8Array.of(header & 0xff, (header >> 8) & 0xff, header >> 16), content]);
}

/** A frame of the given blocks. */
export function frame(blocks: readonly Uint8Array[], windowDescriptor: number = WINDOW_DESCRIPTOR): Uint8Array {
  return Buffer.concat([MAGIC, Uint8Array.of(0, windowDescriptor), ...blocks]);
}

/** `bytes`, stored in raw blocks of at most `size` bytes. */
export function storedFrame(bytes: Uint8Array, size: number = STORED_BLOCK): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (let at = 0; at === 0 || at < bytes.length; at += size) {
    const content = bytes.subarray(at, at + size);
    blocks.push(block(RAW, content.length, content, at + size >= bytes.length));
  }
  return frame(blocks);
}

/** `count` blocks of 128 KiB zeros in four bytes each. */
export function zerosFrame(count: number): Uint8Array {
  const blocks = Array.from({ length: count }, (_, index) =>
    block(RUN_LENGTH, LARGEST_BLOCK, Uint8Array.of(0), index === count - 1),
  );
  return frame(blocks);
}

/** What decoders pass over. */
export function skippableFrame(content: Uint8Array): Uint8Array {
  const header = Buffer.alloc(8);
  header.writeUInt32LE(0x184d2a53, 0);
  header.writeUInt32LE(content.length, 4);
  return Buffer.concat([header, content]);
}
