/** Traffic of which policies say nothing. */
import { expect, test } from '@jest/globals';
import { emptyInventory } from '../../src/inventory/load.js';
import type { OwnerKind } from '../../src/model/owner.js';
import { isInScope } from '../../src/policy/in-scope.js';

const NOBODY = emptyInventory().ownerOf('10.0.0.1', { seconds: 0, nanoseconds: 0 });

test.each([
  ['pod', '10.0.0.1', true],
  ['external', '203.0.113.9', true],
  ['external', '2001:db8::1', true],
  // The metadata service and node-local DNS, which ipBlocks name.
  ['link-local', '169.254.169.254', true],
  ['multicast', '224.0.0.251', false],
  ['multicast', 'ff02::2', false],
  ['broadcast', '10.0.0.255', false],
  ['unspecified', '0.0.0.0', false],
  ['loopback', '127.0.0.1', false],
  ['link-local', 'fe80::1', false],
  // Known to be a pod's: still neighbour discovery.
  ['pod', 'fe80::1', false],
  ['node', 'febf::1', false],
  ['external', 'fec0::1', true],
] as const)('%s %s is in scope: %s', (kind: OwnerKind, address, expected) => {
  expect(isInScope({ ...NOBODY, kind }, address)).toBe(expected);
});
