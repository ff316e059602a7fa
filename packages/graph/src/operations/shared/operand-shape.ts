/** Shape of anything that is accepted as an operand. */
export function shapeOfOperand(x: unknown): readonly number[] {
  if (Array.isArray(x)) return [x.length, ...shapeOfOperand(x[0])];
  if (typeof x !== 'object' || x === null) return [];
  if ('shape' in x) return x.shape as readonly number[];
  if ('dims' in x) return x.dims as readonly number[];
  return ArrayBuffer.isView(x) && 'length' in x ? [x.length as number] : [];
}
