/** A growing run of bytes, for writing: numbers in one byte order, raw bytes, text, and padding to 32 bits. */

const INITIAL_CAPACITY = 64 * 1024;

export class ByteBuilder {
  /** Bytes written since the last take(). */
  length = 0;
  private readonly isLittleEndian: boolean;
  private bytes = new Uint8Array(INITIAL_CAPACITY);
  private view = new DataView(this.bytes.buffer);

  constructor(isLittleEndian: boolean) {
    this.isLittleEndian = isLittleEndian;
  }

  uint8(value: number): void {
    this.reserve(1);
    this.view.setUint8(this.length++, value);
  }

  uint16(value: number): void {
    this.reserve(2);
    this.view.setUint16(this.length, value, this.isLittleEndian);
    this.length += 2;
  }

  uint32(value: number): void {
    this.reserve(4);
    this.view.setUint32(this.length, value, this.isLittleEndian);
    this.length += 4;
  }

  int64(value: bigint): void {
    this.reserve(8);
    this.view.setBigInt64(this.length, value, this.isLittleEndian);
    this.length += 8;
  }

  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Zeros up to a multiple of four bytes since the last take(). */
  pad(): void {
    while ((this.length & 3) !== 0) this.uint8(0);
  }

  /** Overwrites the four bytes at `at`. */
  patchUint32(at: number, value: number): void {
    this.view.setUint32(at, value, this.isLittleEndian);
  }

  /** A copy of what has been written since the last call. */
  take(): Uint8Array {
    const taken = this.bytes.slice(0, this.length);
    this.length = 0;
    return taken;
  }

  private reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.length + count));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
    this.view = new DataView(larger.buffer);
  }
}
