/** The chain that most packets take: Ethernet, IPv4 or IPv6, TCP or UDP, VXLAN; as literal bytes. */
import { describe, expect, test } from '@jest/globals';
import { ENCAPSULATION, NETWORK_IPV4, NONE, TRANSPORT } from '../../src/wire/decoded.js';
import { decodeBytes, hex, PACKET_AT } from './packets.js';

const TCP_IN_VXLAN = hex(`
  02 42 ac 11 00 03  02 42 ac 11 00 02  08 00
  45 00 00 6c 12 34 40 00 40 11 00 00  c0 a8 01 0a  c0 a8 01 0b
  d4 31 21 18 00 58 00 00
  08 00 00 00 00 00 2a 00
  0a 58 0a 2a 01 05  0a 58 0a 2a 01 01  08 00
  45 02 00 3a ab cd 40 00 3f 06 00 00  0a 2a 00 07  0a 2a 01 05
  9c 40 1f 90 89 ab cd ef fe dc ba 98 80 18 01 f6 00 00 00 00
  01 01 08 0a 00 11 22 33 44 55 66 77
  47 45 54 20 2f 0d`);

describe('Ethernet, IPv4, UDP, VXLAN, Ethernet, IPv4, TCP', () => {
  const d = decodeBytes(TCP_IN_VXLAN);
  const outer = d.levels[0]!;
  const inner = d.levels[1]!;

  test('gives two levels and no stop', () => {
    expect([d.depth, d.stop, d.oddity]).toEqual([2, 0, 0]);
  });

  test('keeps the outermost MAC addresses', () => {
    expect([d.destinationMacHigh, d.destinationMacLow]).toEqual([0x0242, 0xac110003 | 0]);
    expect([d.sourceMacHigh, d.sourceMacLow]).toEqual([0x0242, 0xac110002 | 0]);
  });

  test('completes the outer level', () => {
    expect(outer).toMatchObject({
      encapsulation: ENCAPSULATION.None,
      tunnelId: NONE,
      network: NETWORK_IPV4,
      networkAt: PACKET_AT + 14,
      networkLength: 108,
      source3: 0xc0a8010a | 0,
      destination3: 0xc0a8010b | 0,
      protocol: 17,
      hopLimit: 64,
      identification: 0x1234,
      isFragment: 0,
      transport: TRANSPORT.Udp,
      transportAt: PACKET_AT + 34,
      transportLength: 88,
      sourcePort: 54321,
      destinationPort: 8472,
      payloadAt: PACKET_AT + 42,
      payloadLength: 80,
      payloadCaptured: 80,
    });
  });

  test('fills the inner level', () => {
    expect(inner).toMatchObject({
      encapsulation: ENCAPSULATION.Vxlan,
      tunnelId: 42,
      network: NETWORK_IPV4,
      networkAt: PACKET_AT + 64,
      networkLength: 58,
      source3: 0x0a2a0007,
      destination3: 0x0a2a0105,
      protocol: 6,
      hopLimit: 63,
      identification: 0xabcd,
      transport: TRANSPORT.Tcp,
      transportAt: PACKET_AT + 84,
      transportLength: 38,
      sourcePort: 40000,
      destinationPort: 8080,
      sequence: 0x89abcdef | 0,
      acknowledgement: 0xfedcba98 | 0,
      tcpFlags: 0x18,
      window: 502,
      tcpHeaderLength: 32,
      payloadAt: PACKET_AT + 116,
      payloadLength: 6,
      payloadCaptured: 6,
    });
  });
});
