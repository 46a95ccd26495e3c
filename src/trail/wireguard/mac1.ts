/**
 * MAC1: which public key a handshake message was made for (protocol page, "First Message"; NDSS 2017 section 5.4.4).
 *
 *     MAC1 = Keyed-BLAKE2s-128(key = BLAKE2s-256("mac1----" || public key of the receiver), message up to MAC1)
 *
 * Public keys never travel, but with the keys that the cluster's nodes announce a match is proof of which one the sender has for its
 * peer, and no match with the peer's is proof that it has another.
 */
import { WIREGUARD } from '../../flow/wireguard-handshakes.js';
import { blake2s } from './blake2s.js';

const LABEL = new TextEncoder().encode('mac1----');
const MAC_BYTES = 16;
const HASH_BYTES = 32;
const KEY_BYTES = 32;
const NO_KEY = new Uint8Array(0);
const MAC1_AT: Readonly<Record<number, number>> = { [WIREGUARD.Initiation]: 116, [WIREGUARD.Response]: 60 };

/** The key of MAC1 for messages to the peer with this public key (base64); null if it is none. */
export function mac1Key(publicKey: string): Uint8Array | null {
  const bytes = Uint8Array.from(atob(publicKey), (character) => character.charCodeAt(0));
  if (bytes.length !== KEY_BYTES) return null;
  const labelled = new Uint8Array(LABEL.length + KEY_BYTES);
  labelled.set(LABEL);
  labelled.set(bytes, LABEL.length);
  return blake2s(labelled, NO_KEY, HASH_BYTES);
}

/** True if MAC1 of this message of `type` was made with `key` (mac1Key); null if the message has none or was cut before its end. */
export function hasMac1Of(message: Uint8Array, type: number, key: Uint8Array): boolean | null {
  const at = MAC1_AT[type];
  if (at === undefined || message.length < at + MAC_BYTES) return null;
  const mac = blake2s(message.subarray(0, at), key, MAC_BYTES);
  return mac.every((byte, i) => byte === message[at + i]);
}
