/** Short stable names of connections, usable as anchors in links: the same traffic in the same captures has the same id. */
import { finish, mix } from '../base/hash.js';

const SECOND_SEED = 0x9e3779b9 | 0;

/** `c-` and 12 hexadecimal digits of a hash over protocol, endpoints, start and initial sequence number (0 if there is none). */
export function connectionId(
  protocol: number,
  clientAddress: string,
  clientPort: number,
  serverAddress: string,
  serverPort: number,
  start: string,
  sequence: number,
): string {
  let a = mix(mix(mix(protocol, clientPort), serverPort), sequence);
  let b = mix(SECOND_SEED, a);
  for (const text of [clientAddress, serverAddress, start]) {
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      a = Math.imul(a ^ code, 0x01000193);
      b = Math.imul(b ^ code, 0x85ebca6b | 0) + i;
    }
  }
  const high = (finish(a) >>> 0).toString(16).padStart(8, '0');
  const low = (finish(b) >>> 0).toString(16).padStart(8, '0').slice(0, 4);
  return `c-${high}${low}`;
}
