/**
 * A synthetic capture of TCP connections and DNS lookups between pods, a share of them inside VXLAN: the load for benchmarks.
 *
 * A port of capgen.c that writes the same bytes for the same arguments (test/bench/capgen.test.ts compares them). Every
 * connection runs SYN, SYN-ACK, ACK, data with an ACK for every second segment, FIN, FIN-ACK, ACK, then its tuple starts again
 * with a new client port. One tuple in 50 is DNS, a query and an answer each time. One segment in 1000 is lost before it is seen
 * and sent again after three turns of its connection. 16 nodes with 200 pods each: pod p on node n is 10.244.n.(2+p).
 * VXLAN: UDP 8472, VNI 1, one outer source port per tuple, as Linux does.
 */
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';

export interface CaptureShape {
  readonly packets: number;
  /** Connections that are open at the same time. */
  readonly connections: number;
  readonly vxlanPercent: number;
  readonly snapLength: number;
  /** Mean number of data segments of a connection: 32 gives a connection in 54 packets, 600 few long ones. */
  readonly segments: number;
}

const NODES = 16;
const PODS = 200;
const MSS = 1348;
const ETHERNET = 14;
const IPV4 = 20;
const UDP = 8;
const VXLAN = 8;
const TCP = 32;
const RECORD = 16;
const PUSH_ACK = 0x18;
const FIRST_SECOND = 1_700_000_000;
const QUESTION = Buffer.from('\x03web\x04ns-1\x03svc\x07cluster\x05local\0\0\x01\0\x01', 'latin1');
const FLUSH_AT = 1 << 20;
const BIGGEST_RECORD = 4096;

/** Marsaglia's xorshift64 (13, 7, 17) in two words, because BigInt is a hundred times slower. */
class Random {
  private high: number;
  private low: number;

  constructor() {
    const seed = 88172645463325252n;
    this.high = Number(seed >> 32n) | 0;
    this.low = Number(seed & 0xffffffffn) | 0;
  }

  private step(): void {
    this.high ^= (this.high << 13) | (this.low >>> 19);
    this.low ^= this.low << 13;
    this.low ^= (this.low >>> 7) | (this.high << 25);
    this.high ^= this.high >>> 7;
    this.high ^= (this.high << 17) | (this.low >>> 15);
    this.low ^= this.low << 17;
  }

  /** The next value, its low 32 bits. */
  word(): number {
    this.step();
    return this.low >>> 0;
  }

  /** The next value modulo n; exact for n below 2^26. */
  below(n: number): number {
    this.step();
    return (((this.high >>> 0) % n) * (0x1_0000_0000 % n) + ((this.low >>> 0) % n)) % n;
  }
}

interface Connection {
  client: number;
  server: number;
  readonly sequence: [number, number];
  clientPort: number;
  serverPort: number;
  isTcp: boolean;
  readonly isVxlan: boolean;
  /** 0 SYN, 1 SYN-ACK, 2 ACK, 3 data, 4 FIN, 5 FIN-ACK, 6 ACK. */
  step: number;
  segmentsLeft: number;
  readonly ipId: [number, number];
  /** Segments that the client has not acknowledged. */
  owed: number;
  /** Bytes of a segment that was lost before it was seen, 0 = none; sent again when `wait` has run down. */
  lost: number;
  wait: number;
  lostSequence: number;
}

/** One packet's worth of decisions, reused. */
interface Turn {
  /** 0 from the client, 1 from the server. */
  direction: 0 | 1;
  flags: number;
  length: number;
  isLast: boolean;
  isResent: boolean;
}

class Generator {
  private readonly random = new Random();
  private readonly shape: CaptureShape;
  private readonly file: number;
  private readonly connections: Connection[] = [];
  private readonly turn: Turn = { direction: 0, flags: 0, length: 0, isLast: false, isResent: false };
  private readonly frame = Buffer.alloc(2048);
  private readonly output = Buffer.alloc(FLUSH_AT + BIGGEST_RECORD);
  private outputAt = 0;
  private second = FIRST_SECOND;
  private microsecond = 0;

  constructor(shape: CaptureShape, file: number) {
    this.shape = shape;
    this.file = file;
  }

  run(): void {
    for (const word of [0xa1b2c3d4, 0x00040002, 0, 0, this.shape.snapLength, 1]) this.writeWord(word);
    for (let index = 0; index < this.shape.connections; index++) this.connections.push(this.newConnection(index));
    for (let written = 0; written < this.shape.packets;) {
      const index = this.random.below(this.shape.connections);
      const connection = this.connections[index]!;
      if (!this.decide(connection)) continue;
      const length = this.buildFrame(connection, index);
      this.writeRecord(length);
      written++;
      if (this.turn.isLast) this.reopen(connection, index);
    }
    this.flush();
  }

  private newConnection(index: number): Connection {
    const connection: Connection = {
      client: 0,
      server: 0,
      sequence: [0, 0],
      clientPort: 0,
      serverPort: 0,
      isTcp: false,
      isVxlan: index % 100 < this.shape.vxlanPercent,
      step: 0,
      segmentsLeft: 0,
      ipId: [0, 0],
      owed: 0,
      lost: 0,
      wait: 0,
      lostSequence: 0,
    };
    this.reopen(connection, index);
    return connection;
  }

  private reopen(connection: Connection, index: number): void {
    const { segments } = this.shape;
    connection.client = podAddress(this.random.below(NODES * PODS));
    connection.server = podAddress(this.random.below(NODES * PODS));
    if (connection.client === connection.server) connection.server ^= 1;
    connection.isTcp = index % 50 !== 0;
    connection.clientPort = 32768 + this.random.below(28000);
    connection.serverPort = connection.isTcp ? (index % 3 !== 0 ? 8080 : 5432) : 53;
    connection.sequence[0] = this.random.word();
    connection.sequence[1] = this.random.word();
    connection.step = 0;
    connection.segmentsLeft = (Math.floor(segments / 4) + this.random.below(Math.floor((segments * 3) / 2))) & 0xffff;
    connection.owed = 0;
    connection.lost = 0;
  }

  /** Decides what the connection sends; false when the segment is lost before the vantage point. */
  private decide(connection: Connection): boolean {
    const turn = this.turn;
    turn.direction = 0;
    turn.flags = 0x10;
    turn.length = 0;
    turn.isLast = false;
    turn.isResent = false;
    if (connection.lost !== 0 && (connection.step !== 3 || connection.wait-- === 0)) {
      turn.isResent = true;
      turn.direction = 1;
      turn.flags = PUSH_ACK;
      turn.length = connection.lost;
      connection.lost = 0;
      return true;
    }
    if (!connection.isTcp) {
      turn.direction = connection.step === 0 ? 0 : 1;
      turn.length = turn.direction === 1 ? 60 : 44;
      turn.isLast = turn.direction === 1;
      connection.step = 1;
      return true;
    }
    this.decideTcp(connection);
    return turn.length === 0 || connection.lost !== 0 || this.random.below(1000) !== 0 || lose(connection, turn);
  }

  private decideTcp(connection: Connection): void {
    const turn = this.turn;
    switch (connection.step) {
      case 0:
        turn.flags = 0x02;
        connection.step = 1;
        break;
      case 1:
        turn.direction = 1;
        turn.flags = 0x12;
        connection.step = 2;
        break;
      case 2:
        connection.step = 3;
        break;
      case 3:
        if (connection.owed === 2) {
          connection.owed = 0;
          break;
        }
        turn.direction = 1;
        turn.length = connection.segmentsLeft === 1 ? 1 + this.random.below(MSS) : MSS;
        turn.flags = PUSH_ACK;
        connection.owed++;
        connection.segmentsLeft = (connection.segmentsLeft - 1) & 0xffff;
        if (connection.segmentsLeft === 0) connection.step = 4;
        break;
      case 4:
        turn.direction = 1;
        turn.flags = 0x11;
        connection.step = 5;
        break;
      case 5:
        turn.flags = 0x11;
        connection.step = 6;
        break;
      default:
        turn.direction = 1;
        turn.isLast = true;
    }
  }

  /** Writes the packet's headers into `frame` and returns its length on the wire. */
  private buildFrame(connection: Connection, index: number): number {
    const { frame, turn } = this;
    const header = connection.isTcp ? TCP : UDP;
    const source = turn.direction === 1 ? connection.server : connection.client;
    const destination = turn.direction === 1 ? connection.client : connection.server;
    const innerLength = IPV4 + header + turn.length;
    let at = 0;
    if (connection.isVxlan) {
      const outerPort = 32768 + ((index * 2 + turn.direction) % 28000);
      at = this.buildTunnel(source, destination, innerLength, outerPort);
    }
    frame.fill(4, at, at + 12);
    frame.writeUInt16BE(0x0800, at + 12);
    connection.ipId[turn.direction] = (connection.ipId[turn.direction] + 1) & 0xffff;
    const protocol = connection.isTcp ? 6 : 17;
    at = this.buildIpv4(at + ETHERNET, innerLength, protocol, source, destination, connection.ipId[turn.direction]);
    frame.writeUInt16BE(turn.direction === 1 ? connection.serverPort : connection.clientPort, at);
    frame.writeUInt16BE(turn.direction === 1 ? connection.clientPort : connection.serverPort, at + 2);
    if (!connection.isTcp) return this.buildDns(at, index, source);
    return this.buildTcp(at, connection) + turn.length;
  }

  private buildTunnel(source: number, destination: number, innerLength: number, port: number): number {
    const { frame } = this;
    const nodeAddress = (pod: number): number => (0xc0a83800 | (10 + ((pod >>> 8) & 255))) >>> 0;
    const payload = UDP + VXLAN + ETHERNET + innerLength;
    frame.fill(2, 0, 12);
    frame.writeUInt16BE(0x0800, 12);
    const at = this.buildIpv4(ETHERNET, IPV4 + payload, 17, nodeAddress(source), nodeAddress(destination), 0);
    frame.writeUInt16BE(port, at);
    frame.writeUInt16BE(8472, at + 2);
    frame.writeUInt16BE(payload, at + 4);
    frame.writeUInt16BE(0, at + 6);
    frame.writeUInt32BE(0x08000000, at + UDP);
    frame.writeUInt32BE(1 << 8, at + UDP + 4);
    return at + UDP + VXLAN;
  }

  private buildIpv4(
    at: number,
    length: number,
    protocol: number,
    source: number,
    destination: number,
    id: number,
  ): number {
    const { frame } = this;
    frame[at] = 0x45;
    frame[at + 1] = 0;
    frame.writeUInt16BE(length, at + 2);
    frame.writeUInt16BE(id, at + 4);
    frame.writeUInt16BE(0x4000, at + 6);
    frame[at + 8] = 64;
    frame[at + 9] = protocol;
    frame.writeUInt16BE(0, at + 10);
    frame.writeUInt32BE(source, at + 12);
    frame.writeUInt32BE(destination, at + 16);
    let sum = 0;
    for (let k = 0; k < IPV4; k += 2) sum += frame.readUInt16BE(at + k);
    sum = (sum & 0xffff) + (sum >>> 16);
    sum += sum >>> 16;
    frame.writeUInt16BE(~sum & 0xffff, at + 10);
    return at + IPV4;
  }

  private buildTcp(at: number, connection: Connection): number {
    const { frame, turn } = this;
    const { direction } = turn;
    const peer = direction === 1 ? 0 : 1;
    frame.writeUInt32BE(turn.isResent ? connection.lostSequence : connection.sequence[direction], at + 4);
    frame.writeUInt32BE(turn.flags === 0x02 ? 0 : connection.sequence[peer], at + 8);
    frame[at + 12] = 0x80;
    frame[at + 13] = turn.flags;
    frame.writeUInt16BE(502, at + 14);
    frame.writeUInt32BE(0, at + 16);
    frame.writeUInt32BE(0x0101080a, at + 20);
    frame.writeUInt32BE((this.second * 1000 + Math.floor(this.microsecond / 1000)) % 0x1_0000_0000, at + 24);
    frame.writeUInt32BE(0, at + 28);
    if (!turn.isResent) advance(connection, direction, turn.length + ((turn.flags & 0x03) !== 0 ? 1 : 0));
    return at + TCP;
  }

  private buildDns(at: number, index: number, answer: number): number {
    const { frame, turn } = this;
    const isAnswer = turn.direction === 1;
    frame.writeUInt16BE(UDP + turn.length, at + 4);
    frame.writeUInt16BE(0, at + 6);
    const dns = at + UDP;
    frame.writeUInt16BE(index & 0xffff, dns);
    frame.writeUInt16BE(isAnswer ? 0x8180 : 0x0100, dns + 2);
    frame.writeUInt16BE(1, dns + 4);
    frame.writeUInt16BE(turn.direction, dns + 6);
    frame.writeUInt32BE(0, dns + 8);
    QUESTION.copy(frame, dns + 12);
    if (isAnswer) {
      frame.writeUInt32BE(0xc00c0001, dns + 44);
      frame.writeUInt32BE(0x00010000, dns + 48);
      frame.writeUInt32BE((30 << 16) | 4, dns + 52);
      frame.writeUInt32BE(answer, dns + 56);
    }
    const end = dns + turn.length;
    turn.length = 0;
    return end;
  }

  /** Writes the record: headers, then bytes that depend on their place up to the snap length. */
  private writeRecord(wireLength: number): void {
    const kept = Math.min(wireLength, this.shape.snapLength);
    for (let k = wireLength - this.turn.length; k < kept; k++) this.frame[k] = k * 31;
    this.microsecond += 1 + this.random.below(4);
    if (this.microsecond >= 1_000_000) {
      this.microsecond -= 1_000_000;
      this.second++;
    }
    this.writeWord(this.second);
    this.writeWord(this.microsecond);
    this.writeWord(kept);
    this.writeWord(wireLength);
    this.frame.copy(this.output, this.outputAt, 0, kept);
    this.outputAt += kept;
    if (this.outputAt >= FLUSH_AT) this.flush();
  }

  private writeWord(word: number): void {
    this.outputAt = this.output.writeUInt32LE(word, this.outputAt);
  }

  private flush(): void {
    writeSync(this.file, this.output, 0, this.outputAt);
    this.outputAt = 0;
  }
}

function podAddress(index: number): number {
  return (0x0af40000 | ((Math.floor(index / PODS) % NODES) << 8) | (2 + (index % PODS))) >>> 0;
}

/** The segment is sent but never seen; it comes again later. Always false, for the caller's chain of conditions. */
function lose(connection: Connection, turn: Turn): false {
  connection.lost = turn.length;
  connection.wait = 3;
  connection.lostSequence = connection.sequence[turn.direction];
  advance(connection, turn.direction, turn.length);
  connection.ipId[turn.direction] = (connection.ipId[turn.direction] + 1) & 0xffff;
  return false;
}

function advance(connection: Connection, direction: 0 | 1, bytes: number): void {
  connection.sequence[direction] = (connection.sequence[direction] + bytes) >>> 0;
}

/** Writes a little-endian microsecond pcap of Ethernet frames. */
export function writeCapture(path: string, shape: CaptureShape): void {
  const file = openSync(path, 'w');
  try {
    new Generator(shape, file).run();
  } finally {
    closeSync(file);
  }
}

/** Writes the pods as `kubectl get pods -A -o json` would: the inventory of every capture made here. */
export function writePods(path: string): void {
  const pods: string[] = [];
  for (let pod = 0; pod < NODES * PODS; pod++) {
    const node = Math.floor(pod / PODS);
    const address = `10.244.${node}.${2 + (pod % PODS)}`;
    const created = '2023-11-14T22:00:00Z';
    pods.push(
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: {
          name: `web-${pod}`,
          namespace: `ns-${pod % 20}`,
          uid: `00000000-0000-4000-8000-${String(pod).padStart(12, '0')}`,
          creationTimestamp: created,
          labels: { app: `web-${pod % 50}` },
        },
        spec: {
          nodeName: `node-${node}`,
          containers: [{ name: 'c', ports: [{ containerPort: 8080, protocol: 'TCP' }] }],
        },
        status: {
          phase: 'Running',
          podIP: address,
          podIPs: [{ ip: address }],
          hostIP: `192.168.56.${10 + node}`,
          startTime: created,
        },
      }),
    );
  }
  writeFileSync(path, `{"apiVersion":"v1","kind":"List","items":[\n${pods.join(',\n')}\n]}\n`);
}

/** Size of the file that `writeCapture` makes, at most. */
export function largestSize(shape: CaptureShape): number {
  return 24 + shape.packets * (RECORD + shape.snapLength);
}
