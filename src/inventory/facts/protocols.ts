/** Transport protocols as Kubernetes spells them. */
import type { TransportProtocol } from '../inventory.js';

/** The protocol named; TCP where none is named (the API's default); null for anything else. */
export function asProtocol(value: unknown): TransportProtocol | null {
  if (value === undefined || value === null || value === '') return 'TCP';
  return value === 'TCP' || value === 'UDP' || value === 'SCTP' ? value : null;
}
