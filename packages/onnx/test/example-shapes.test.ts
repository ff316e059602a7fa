/** Sizes to show a model by. */
import { InputShapeError, type InputSlot, ModelShapeError } from '@tacit/graph';
import { expect } from 'chai';
import { withExampleShapes } from '../src/index.js';

const image: InputSlot = { name: 'image', shape: ['batch', 3, 'height', 'width'] };
const words: InputSlot = { name: 'words', shape: ['length'] };

/** Takes sizes from `least` on. */
const from =
  (least: number, tried: number[] = []) =>
  (shapes: Readonly<Record<string, readonly number[]>>, size: number) => {
    tried.push(size);
    if (size < least) throw new ModelShapeError(`${size}`);
    return shapes;
  };

describe('shapes to show a model by', () => {
  it('are the smallest that fit, with a batch of one', () => {
    expect(withExampleShapes([image, words], from(0))).deep.equal({ image: [1, 3, 1, 1], words: [1] });
    expect(withExampleShapes([image, words], from(20))).deep.equal({ image: [1, 3, 32, 32], words: [32] });
  });

  it('are those of the file where it leaves none open', () => {
    const fixed: InputSlot = { name: 'x', shape: [2, 3] };
    expect(withExampleShapes([fixed], from(0))).deep.equal({ x: [2, 3] });
    expect(withExampleShapes([], from(0))).deep.equal({});
    const tried: number[] = [];
    expect(() => withExampleShapes([fixed], from(100, tried))).throw(ModelShapeError);
    expect(tried).deep.equal([1]);
  });

  it('are not found where none fits: the first error says why', () => {
    const tried: number[] = [];
    expect(() => withExampleShapes([words], from(1e6, tried))).throw(ModelShapeError, /^1$/);
    expect(tried.length).greaterThan(3);
  });

  it('are not looked for after another error', () => {
    const tried: number[] = [];
    const other = () => {
      tried.push(1);
      throw new InputShapeError('x', [1], [2]);
    };
    expect(() => withExampleShapes([words], other)).throw(InputShapeError);
    expect(tried).deep.equal([1]);
  });
});
