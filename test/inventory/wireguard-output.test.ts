/** `wg show` in its three forms (wg(8)), with keys made up for this test. */
import { describe, expect, test } from '@jest/globals';
import { readWireguardOutput } from '../../src/inventory/hosts/wireguard-output.js';

const [PRIVATE, OWN, PEER] = [1, 2, 3].map((byte) => Buffer.alloc(32, byte).toString('base64')) as [
  string,
  string,
  string,
];
const EXPECTED = [
  { key: OWN, isPeer: false, endpoint: null },
  { key: PEER, isPeer: true, endpoint: '192.0.2.7' },
];

describe('wg show', () => {
  test.each([
    [
      'IFACE dump',
      `${PRIVATE}\t${OWN}\t51820\toff\n${PEER}\t(none)\t192.0.2.7:51820\t10.244.1.0/24\t1700000000\t12\t34\toff\n`,
    ],
    [
      'all dump',
      `wg0\t${PRIVATE}\t${OWN}\t51820\t0xca6c\nwg0\t${PEER}\t(none)\t192.0.2.7:51820\t10.244.1.0/24\t0\t0\t0\t25\n`,
    ],
    [
      'without options',
      `interface: wg0\n  public key: ${OWN}\n  private key: (hidden)\n  listening port: 51820\n\npeer: ${PEER}\n  endpoint: 192.0.2.7:51820\n  allowed ips: 10.244.1.0/24\n`,
    ],
  ])('%s: public keys and endpoints, the private key passed over', (_form, text) => {
    expect(readWireguardOutput(text)).toEqual(EXPECTED);
    expect(readWireguardOutput(text.replaceAll('\n', '\r\n'))).toEqual(EXPECTED);
  });

  test('an IPv6 endpoint is without brackets, an unknown one null', () => {
    const peer = (endpoint: string): string => `${PEER}\t(none)\t${endpoint}\t(none)\t0\t0\t0\toff\n`;
    const read = readWireguardOutput(`(hidden)\t${OWN}\t51820\toff\n${peer('[2001:db8::7]:51820')}${peer('(none)')}`);
    expect(read?.slice(1).map(({ endpoint }) => endpoint)).toEqual(['2001:db8::7', null]);
  });

  test.each(['', 'peer: nobody', `${OWN}\tno\tdump\toff`, 'a\tb\t51820\toff'])('%j is none', (text) => {
    expect(readWireguardOutput(text)).toBeNull();
  });
});
