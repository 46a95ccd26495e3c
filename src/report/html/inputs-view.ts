/** What the report was made from and how, so that somebody else can make it again. */
import { counted, formatCount } from '../figures.js';
import { displayText } from '../text.js';
import type { ViewContext } from './context.js';

export interface InputsView {
  readonly files: readonly { readonly path: string; readonly recognizedAs: string; readonly objects: string }[];
  readonly inventory: string;
  readonly warnings: readonly string[];
  readonly options: readonly { readonly name: string; readonly value: string }[];
  readonly generator: string;
  readonly format: string;
  readonly zone: string;
}

export function inputsView({ summary, zone }: ViewContext): InputsView {
  const { inventory, generator, format, options } = summary;
  return {
    files: (inventory?.files ?? []).map((file) => ({
      path: displayText(file.path),
      recognizedAs: displayText(file.recognizedAs),
      objects: formatCount(file.objects),
    })),
    inventory: inventoryText(summary, zone),
    warnings: (inventory?.warnings ?? []).map(displayText),
    options: options.map(({ name, value }) => ({ name: displayText(name), value: displayText(value) })),
    generator: displayText(`${generator.name} ${generator.version}`),
    format,
    zone: zone.name,
  };
}

function inventoryText(summary: ViewContext['summary'], zone: ViewContext['zone']): string {
  const { inventory } = summary;
  if (inventory === null) return 'No inventory was given, so addresses have no names.';
  const counts = [
    counted(inventory.pods, 'pod'),
    counted(inventory.services, 'service'),
    counted(inventory.nodes, 'node'),
    counted(inventory.namespaces, 'namespace'),
    counted(inventory.policies, 'network policy', 'network policies'),
  ].join(', ');
  const moments = inventory.snapshots.map((snapshot) => {
    const { date, time } = zone.formatTimestamp(snapshot);
    return `${date} ${time.slice(0, 8)} ${zone.name}`;
  });
  return `${counted(inventory.snapshots.length, 'snapshot')} of the cluster (${moments.join('; ')}) with ${counts}.`;
}
