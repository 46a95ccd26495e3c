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
  const numbers = mix(mix(mix(protocol, clientPort), serverPort), sequence);
  const a = foldFirst(foldFirst(foldFirst(numbers, clientAddress), serverAddress), start);
  const seed = mix(SECOND_SEED, numbers);
  const b = foldSecond(foldSecond(foldSecond(seed, clientAddress), serverAddress), start);
  return `c-${hexadecimal(finish(a))}${hexadecimal(finish(b)).slice(0, 4)}`;
}

function foldFirst(hash: number, text: string): number {
  let h = hash;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h;
}

function foldSecond(hash: number, text: string): number {
  let h = hash;
  for (let i = 0; i < text.length; i++) h = (Math.imul(h ^ text.charCodeAt(i), 0x85ebca6b | 0) + i) | 0;
  return h;
}

function hexadecimal(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
