/**
 * Pods by which policies select them: pods of one class are selected by exactly the same policies.
 *
 * Classes are made by splitting: each policy moves the pods that it selects to classes that have it in addition. So the cost is
 * the number of pods that policies select in total, and rules are compiled once per class and not per pod.
 */
const NONE = -1;

export class SelectionClasses {
  /** Class of each pod; class 0 is selected by no policy. */
  readonly classOf: Int32Array;
  /** For each class the one it was split from, and the policy added. */
  private readonly parents: number[] = [NONE];
  private readonly added: number[] = [NONE];

  constructor(pods: number) {
    this.classOf = new Int32Array(pods);
  }

  /** The policy with this number selects these pods, each named once. */
  split(policy: number, pods: readonly number[]): void {
    const moved = new Map<number, number>();
    for (const pod of pods) {
      const from = this.classOf[pod]!;
      let to = moved.get(from);
      if (to === undefined) {
        to = this.parents.length;
        this.parents.push(from);
        this.added.push(policy);
        moved.set(from, to);
      }
      this.classOf[pod] = to;
    }
  }

  /** Numbers of the policies that select the pods of a class, in the order of the splits. */
  policiesOf(selectionClass: number): number[] {
    const policies: number[] = [];
    for (let at = selectionClass; this.parents[at] !== NONE; at = this.parents[at]!) policies.push(this.added[at]!);
    return policies.reverse();
  }
}
