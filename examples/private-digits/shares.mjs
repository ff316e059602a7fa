// Shares side by side, as no member of the computation can see them: each alone is noise, their sum is the pixel.
const FRACTION_BITS = 16;

/** @param bob @param alice words in hex @param pixels grey values 0..255 */
export function printShares(bob, alice, pixels) {
  console.log('  pixel   Bob                 Alice               sum of both mod 2^64');
  pixels.forEach((pixel, i) => {
    const sum = BigInt.asUintN(64, BigInt(`0x${bob[i]}`) + BigInt(`0x${alice[i]}`));
    const value = (Number(sum) / 2 ** FRACTION_BITS) * 255;
    const same = Math.round(value) === pixel;
    if (!same) throw new Error(`the shares of pixel ${i} add up to ${value} instead of ${pixel}`);
    console.log(
      `  ${String(pixel).padStart(5)}   ${bob[i]}    ${alice[i]}    ${sum.toString(16).padStart(16, '0')}`,
    );
  });
}
