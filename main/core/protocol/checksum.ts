/**
 * The checksum of a frame: tells one that was damaged on its way from one that was sent. TCP's own sum is
 * 16 bits, and fails to see about one damaged segment in 65,536. Not a signature: whoever may change
 * the frame can change the checksum; against them there is TLS.
 *
 * Four running hashes over little-endian words, every fourth word each, then the rest byte by byte, then
 * the length. Every step is a bijection of the hash, so damage within one word is always seen; any
 * other is missed once in 2^32.
 */
const PRIME = 0x85ebca6b;
const SEEDS = [0x9e3779b9, 0x243f6a88, 0xb7e15162, 0x71374491] as const;

/** Over all bytes but the four of the checksum itself, which begin at `gap`, a multiple of 4. */
export function frameChecksum(frame: Uint8Array, gap: number): number {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  let [first, second, third, fourth] = SEEDS as readonly [number, number, number, number];
  for (let place = 0; place < gap; place += 4) first = step(first, view.getUint32(place, true));
  let place = gap + 4;
  for (const end = frame.length - 15; place < end; place += 16) {
    first = step(first, view.getUint32(place, true));
    second = step(second, view.getUint32(place + 4, true));
    third = step(third, view.getUint32(place + 8, true));
    fourth = step(fourth, view.getUint32(place + 12, true));
  }
  for (; place < frame.length; place++) first = step(first, frame[place] as number);
  return step(step(step(step(first, second), third), fourth), frame.length) >>> 0;
}

function step(hash: number, word: number): number {
  const mixed = Math.imul(hash ^ word, PRIME);
  return mixed ^ (mixed >>> 15);
}
