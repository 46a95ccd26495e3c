/** Names that the user gives to addresses: they fill gaps, and never replace what the snapshot knows. */
import { expect, test } from '@jest/globals';
import { loadInventory } from '../../src/inventory/load.js';
import { withNames } from '../../src/inventory/names.js';
import { sample } from '../analysis/pipeline.js';

const AT = { seconds: 1_795_445_320, nanoseconds: 0 };

test('an address outside gets its name, in any spelling; a pod keeps its own', async () => {
  const inventory = await loadInventory([sample('pod-churn', 'inventory')], [], () => undefined);
  const pod = inventory.objects.pods.find(
    ({ addresses, nodeAddresses }) => !nodeAddresses.includes(addresses[0] ?? ''),
  );
  const [address] = pod?.addresses ?? [];
  if (address === undefined) throw new Error('the sample has pods');
  const named = withNames(inventory, [
    { address: '203.0.113.9', name: 'payment gateway' },
    { address: '2001:DB8:0::1', name: 'mail relay' },
    { address, name: 'not this one' },
  ]);
  expect(named.ownerOf('203.0.113.9', AT)).toMatchObject({ kind: 'external', name: 'payment gateway' });
  expect(named.ownerOf('2001:db8::1', AT)).toMatchObject({ name: 'mail relay' });
  expect(named.ownerOf('203.0.113.9', AT)).toBe(named.ownerOf('203.0.113.9', AT));
  expect(named.ownerOf('203.0.113.10', AT).name).toBeNull();
  expect(named.ownerOf(address, AT)).toEqual(inventory.ownerOf(address, AT));
});
