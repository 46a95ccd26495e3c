/**
 * What a List would show if it existed: the basis for "gone, because a later List lacks it".
 *
 * A List does not say how it was selected (`-n`, `-l`, `--field-selector spec.nodeName=`), but whatever the selection was,
 * all its items satisfy it. So a List is taken to cover only what shares everything that its items have in common. A List
 * of pods asked for by name cannot be told apart; taking another pod for gone then costs an owner, but names no wrong one.
 */
interface Selectable {
  readonly namespace?: string | null;
  readonly node?: string | null;
  readonly labels: Readonly<Record<string, string>>;
}

export class Scope {
  private readonly namespace: string | null;
  private readonly node: string | null;
  private readonly labels: readonly (readonly [string, string])[];
  private readonly isEmpty: boolean;

  constructor(items: readonly Selectable[]) {
    const first = items[0];
    this.isEmpty = first === undefined;
    this.namespace = common(items, (item) => item.namespace ?? null);
    // Pods without a node (not yet scheduled) do not say that others were selected by node.
    this.node = common(items.length > 1 ? items : [], (item) => item.node ?? null);
    this.labels = Object.entries(first?.labels ?? {}).filter(([key, value]) =>
      items.every(({ labels }) => Object.hasOwn(labels, key) && labels[key] === value),
    );
  }

  /** Whether the item would have been in the List. */
  covers(item: Selectable): boolean {
    if (this.isEmpty) return false;
    if (this.namespace !== null && item.namespace !== this.namespace) return false;
    if (this.node !== null && item.node !== this.node) return false;
    return this.labels.every(([key, value]) => Object.hasOwn(item.labels, key) && item.labels[key] === value);
  }
}

function common(items: readonly Selectable[], of: (item: Selectable) => string | null): string | null {
  const value = items[0] === undefined ? null : of(items[0]);
  return items.every((item) => of(item) === value) ? value : null;
}
