/**
 * Names for what is not a pcap or pcapng file, so that the error can say what it is and what to do. Recognised by the
 * first bytes; the more specific come first. Formats without a signature (ERF, most logs) are described by what they look like.
 */

export interface ForeignFormat {
  /** Completes "this is …". */
  readonly name: string;
  readonly advice: string;
}

interface Signature extends ForeignFormat {
  /** Byte values from `at` (0 unless given) on. */
  readonly bytes: readonly number[];
  readonly at?: number;
}

const CONVERT = 'convert it: editcap -F pcapng INPUT OUTPUT.pcapng (editcap comes with Wireshark)';
const UNPACK = 'extract the captures from it first';

function ascii(text: string): readonly number[] {
  return Array.from(text, (character) => character.charCodeAt(0));
}

function through(command: string): string {
  return `decompress it on the way: ${command} FILE | podtrail report -`;
}

const SIGNATURES: readonly Signature[] = [
  { bytes: ascii('snoop\0\0\0'), name: 'a snoop capture (Solaris)', advice: CONVERT },
  { bytes: ascii('btsnoop\0'), name: 'a btsnoop capture (Bluetooth HCI)', advice: 'podtrail analyzes IP traffic only' },
  { bytes: ascii('RTSS'), name: 'a Microsoft Network Monitor 1 capture', advice: CONVERT },
  { bytes: ascii('GMBU'), name: 'a Microsoft Network Monitor 2 capture', advice: CONVERT },
  { bytes: ascii('iptrace 1.0'), name: 'an AIX iptrace 1 capture', advice: CONVERT },
  { bytes: ascii('iptrace 2.0'), name: 'an AIX iptrace 2 capture', advice: CONVERT },
  { bytes: ascii('TRSNIFF data    \x1a'), name: 'a Network General Sniffer capture', advice: CONVERT },
  { bytes: ascii('XCP\0'), name: 'a NetXray or Sniffer Pro capture', advice: CONVERT },
  { bytes: ascii('\x7fver'), name: 'an OmniPeek capture', advice: CONVERT },
  { bytes: ascii('\x05VNF'), name: 'a Visual Networks capture', advice: CONVERT },
  { bytes: [0xaa, 0xaa, 0xaa, 0xaa], name: 'a 5Views capture (InfoVista)', advice: CONVERT },
  { bytes: [0x04, 0x22, 0x4d, 0x18], name: 'LZ4-compressed', advice: through('lz4 -dc') },
  { bytes: [0x02, 0x21, 0x4c, 0x18], name: 'LZ4-compressed (old format)', advice: through('lz4 -dc') },
  { bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], name: 'xz-compressed', advice: through('xz -dc') },
  { bytes: ascii('BZh'), name: 'bzip2-compressed', advice: through('bzip2 -dc') },
  { bytes: ascii('LZIP'), name: 'lzip-compressed', advice: through('lzip -dc') },
  { bytes: [0x5d, 0x00, 0x00], name: 'LZMA-compressed', advice: through('xz --format=lzma -dc') },
  { bytes: [0x1f, 0x9d], name: 'compressed by compress (.Z)', advice: through('gzip -dc') },
  { bytes: [0x1f, 0x8b], name: 'gzip-compressed twice', advice: through('gzip -dc') },
  { bytes: [0x28, 0xb5, 0x2f, 0xfd], name: 'zstd-compressed twice', advice: through('zstd -dc') },
  { bytes: [0xff, 0x06, 0x00, 0x00, ...ascii('sNaPpY')], name: 'Snappy-compressed', advice: through('snzip -dc') },
  { bytes: ascii('PK\x03\x04'), name: 'a ZIP archive', advice: UNPACK },
  { bytes: ascii('PK\x05\x06'), name: 'an empty ZIP archive', advice: 'nothing is in it' },
  { bytes: [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], name: 'a 7z archive', advice: UNPACK },
  { bytes: ascii('Rar!'), name: 'a RAR archive', advice: UNPACK },
  { bytes: ascii('ustar'), at: 257, name: 'a tar archive', advice: `${UNPACK}: tar -xf FILE` },
  { bytes: ascii('\x7fELF'), name: 'a program (ELF)', advice: 'give a capture: tcpdump -w FILE writes one' },
  { bytes: ascii('%PDF'), name: 'a PDF document', advice: 'give a capture: tcpdump -w FILE writes one' },
  { bytes: ascii('\x89PNG'), name: 'a PNG image', advice: 'give a capture: tcpdump -w FILE writes one' },
  {
    bytes: ascii('SQLite format 3\0'),
    name: 'an SQLite database',
    advice: 'give a capture: tcpdump -w FILE writes one',
  },
  { bytes: ascii('PAR1'), name: 'a Parquet file', advice: 'give a capture: tcpdump -w FILE writes one' },
  {
    bytes: [0x0d, 0x0a, 0x0d],
    name: 'a pcapng capture that a text-mode transfer has damaged',
    advice: 'copy it again as binary; kubectl exec must run without -t',
  },
  {
    bytes: [0xff, 0xfe],
    name: 'UTF-16 text; PowerShell makes this of a capture that is redirected with >',
    advice: 'let tcpdump write the file (-w) and fetch it with kubectl cp, or redirect in cmd.exe',
  },
];

const TEXT_SAMPLE = 512;

/** What the input that begins with `head` is, if it is not a capture. */
export function describeForeign(head: Uint8Array): ForeignFormat {
  const known = SIGNATURES.find((signature) => matches(head, signature));
  if (known !== undefined) return known;
  if (head.every((byte) => byte === 0)) {
    return { name: 'nothing but zeros', advice: 'the capture was never written to the disk; copy or take it again' };
  }
  return (
    describeText(head) ?? {
      name: 'in no format that podtrail knows',
      advice: 'podtrail reads pcap and pcapng, also gzip- or zstd-compressed; editcap converts many other formats',
    }
  );
}

function matches(head: Uint8Array, signature: Signature): boolean {
  const at = signature.at ?? 0;
  return signature.bytes.every((byte, index) => head[at + index] === byte);
}

/** Null unless the head is text. */
function describeText(head: Uint8Array): ForeignFormat | null {
  const sample = head.subarray(0, TEXT_SAMPLE);
  const text = new TextDecoder().decode(sample);
  const start = text.trimStart();
  // Messages of tcpdump in front of binary data: standard error got into the file.
  if (
    /^(tcpdump|dumpcap|tshark|Capturing on|listening on|Unable to use a TTY|error: |Defaulted container)/.test(start)
  ) {
    return {
      name: `messages of a program (${JSON.stringify(firstLine(start))}), where the capture should begin`,
      advice: 'keep standard error out of the file, and run kubectl exec without -t',
    };
  }
  if (!isText(sample)) return null;
  if (start.startsWith('{') || start.startsWith('[')) {
    return { name: 'JSON', advice: 'output of kubectl or ip belongs to --inventory' };
  }
  if (/^(apiVersion|kind|items|metadata|---)/.test(start)) {
    return { name: 'YAML', advice: 'output of kubectl belongs to --inventory' };
  }
  if (/^<(!doctype|html|\?xml|pdml)/i.test(start)) {
    return { name: 'HTML or XML', advice: 'was a login page saved in place of the capture?' };
  }
  if (/^\d\d:\d\d:\d\d\.\d+ /.test(start)) {
    return { name: "tcpdump's text output", advice: 'take the capture with tcpdump -w FILE' };
  }
  return {
    name: `text (it begins with ${JSON.stringify(firstLine(start))})`,
    advice: 'give a capture: tcpdump -w FILE writes one',
  };
}

/** UTF-8 without control characters; a character may be cut off at the end. */
function isText(sample: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(sample, { stream: true });
  } catch {
    return false;
  }
  return sample.every((byte) => byte >= 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d || byte === 0x1b);
}

function firstLine(text: string): string {
  return text.split(/[\r\n]/, 1)[0]!.slice(0, 60);
}
