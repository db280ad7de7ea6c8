// Writes into a PNG how large it is on paper, so that other programs place it so.

// What a PNG begins with, and its first chunk: length, "IHDR", 13 bytes, checksum.
const SIGNATURE_BYTES = 8;
const HEADER_BYTES = 4 + 4 + 13 + 4;
const PER_METRE = 1;

/**
 * Adds the chunk pHYs behind the header.
 *
 * Source: W3C, "Portable Network Graphics (PNG) Specification", 11.3.4.3 and annex D,
 * https://www.w3.org/TR/png-3/#11pHYs.
 */
export function withDensity(png: Uint8Array, dotsPerMetre: number): Uint8Array {
  const chunk = new Uint8Array(4 + 4 + 9 + 4);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, 9);
  chunk.set(new TextEncoder().encode("pHYs"), 4);
  view.setUint32(8, dotsPerMetre);
  view.setUint32(12, dotsPerMetre);
  view.setUint8(16, PER_METRE);
  view.setUint32(17, checksum(chunk.subarray(4, 17)));
  const at = SIGNATURE_BYTES + HEADER_BYTES;
  const written = new Uint8Array(png.length + chunk.length);
  written.set(png.subarray(0, at));
  written.set(chunk, at);
  written.set(png.subarray(at), at + chunk.length);
  return written;
}

/** Computes the CRC-32 of a chunk. */
function checksum(bytes: Uint8Array): number {
  let state = 0xffffffff;
  for (const byte of bytes) {
    state ^= byte;
    for (let bit = 0; bit < 8; bit++) {
      state = state & 1 ? (state >>> 1) ^ 0xedb88320 : state >>> 1;
    }
  }
  return (state ^ 0xffffffff) >>> 0;
}
