/** BLAKE2s and MAC1: against Python's hashlib (an implementation of its own), Node's crypto, and the test vectors of BLAKE2's authors. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { blake2s } from '../../src/trail/wireguard/blake2s.js';
import { hasMac1Of, mac1Key } from '../../src/trail/wireguard/mac1.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const NO_KEY = new Uint8Array(0);

describe('BLAKE2s', () => {
  test('gives the known answers of the authors (blake2s-kat.txt: key 00..1f, empty input)', () => {
    const key = Uint8Array.from({ length: 32 }, (_, i) => i);
    expect(hex(blake2s(NO_KEY, key, 32))).toBe('48a8997da407876b3d79c0d92325ad3b89cbb754d86ab71aee047ad345fd2c49');
  });

  // hashlib.blake2s(bytes((i*7+n)&255 for i in range(n)), key=bytes((i*3+k)&255 for i in range(k)), digest_size=l).hexdigest()
  test.each([
    [0, 32, 32, '6f224e2e3122055bee2a6fd4e345871e8fc4b8d88b740f4a6c801e28f2dc41cb'],
    [1, 16, 16, '7b6ede2708946194859332bd909022f6'],
    [64, 32, 16, '8f85428f4cd3b8ef964ba1b4d45d5af9'],
    [65, 0, 32, '1c1a9619a26d7cd550199567e5c316eb3db33d96c29790a6c68ba7f1ee8a8803'],
    [116, 32, 16, 'f313898add88077b73c959f0537971d4'],
    [128, 7, 20, '2b8dac73523a0f796145ce1df454373d156c19c4'],
    [3, 0, 32, 'ca943acca89a34cf4040cf8ea24147dd94ea62a49de8ef9a88af5272339927b3'],
  ])('%d bytes with a key of %d to %d bytes, as hashlib has it', (n, k, length, expected) => {
    const input = Uint8Array.from({ length: n }, (_, i) => i * 7 + n);
    const key = Uint8Array.from({ length: k }, (_, i) => i * 3 + k);
    expect(hex(blake2s(input, key, length))).toBe(expected);
  });

  test('equals what OpenSSL says, without a key', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (input) => {
        expect(hex(blake2s(input, NO_KEY, 32))).toBe(createHash('blake2s256').update(input).digest('hex'));
      }),
    );
  });
});

describe('MAC1', () => {
  const key = Buffer.from(Uint8Array.from({ length: 32 }, (_, i) => i)).toString('base64');
  const other = Buffer.from(Uint8Array.from({ length: 32 }, (_, i) => 255 - i)).toString('base64');

  test('proves the key that the message was made for and no other', () => {
    const body = Uint8Array.from({ length: 116 }, (_, i) => (i * 31) & 0xff);
    const hashed = createHash('blake2s256').update('mac1----').update(Buffer.from(key, 'base64')).digest();
    const message = new Uint8Array(132);
    message.set(body);
    message.set(blake2s(body, hashed, 16), 116);
    expect(hasMac1Of(message, 1, mac1Key(key)!)).toBe(true);
    expect(hasMac1Of(message, 1, mac1Key(other)!)).toBe(false);
    expect(hasMac1Of(message.subarray(0, 131), 1, mac1Key(key)!)).toBeNull();
  });

  test('is asked of keys of 32 bytes only', () => {
    expect(mac1Key('AAAA')).toBeNull();
  });
});
