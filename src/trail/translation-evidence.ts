/** What joining asks of those who know the cluster: whose addresses flows have, and which translations are known. */
import type { FlowSet } from './flow-set.js';

/** What is known of the ends of flows. */
export interface TranslationEvidence {
  /** Whether an address of the loaded flow is one that a Service has. */
  isService(address: number, flows: FlowSet): boolean;
  /** Whether it is a node's own, which nodes put in the place of a client's. */
  isNode(address: number, flows: FlowSet): boolean;
  /** Numbers of the translations, known from elsewhere, that the loaded flow's packets in `direction` belong to at its time. */
  entriesOf?(flows: FlowSet, direction: number): readonly number[];
}
