/** The scripts of `npm run lint` find what they look for. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';

const script = (name: string) => import(new URL(`../scripts/${name}.mjs`, import.meta.url).href);

describe('the check of doc comments', () => {
  it('finds what comments of exported functions and methods lack', async () => {
    const { lacksOf } = await script('check-docs');
    const folder = mkdtempSync(join(tmpdir(), 'tacit-lint-'));
    const file = join(folder, 'index.ts');
    writeFileSync(
      file,
      `
export function bare(x: number): number { return x; }
/** Says what, not with what. */
export const half = (x: number): number => { if (x < 0) throw new Error('no'); return x / 2; };
/**
 * Whole.
 * @param x what is halved
 * @returns its half
 * @throws Error where it is negative
 */
export const whole = (x: number): number => { if (x < 0) throw new Error('no'); return x / 2; };
/** Without parameters this is enough. */
export const one = (): number => 1;
const hidden = (x: number): number => x;
/** A class. */
export class Thing {
  /** Doubles. @param x it */
  twice(x: number): void { hidden(x); }
  thrice(): void { [1].forEach(() => { throw new Error('within another function'); }); }
  private inner(): void {}
  /** @internal */
  made(x: number): number { return x; }
}
/** What things can do. */
export interface Able {
  /** Jumps so high. */
  jump(height: number): number;
  fall(height: number): number;
}
/** Another class. */
export class Jumper implements Able {
  jump(height: number): number { return height; }
  fall(height: number): number { return height; }
}
interface Plan {
  /** Does it. */
  step(x: number): number;
  /** Breaks off. @throws Error always */
  stop(): void;
  silent(): void;
}
abstract class Base implements Plan {
  step(x: number): number { if (x < 0) throw new Error('no'); return x; }
  stop(): void { throw new Error('stopped'); }
  abstract silent(): void;
}
/** A class whose comments stand at what it implements. */
export class Work extends Base {
  step(x: number): number { if (x > 0) throw new Error('no'); return -x; }
  stop(): void { throw new Error('stopped again'); }
  silent(): void {}
}
`,
    );
    const found: string[] = lacksOf([file], folder);
    rmSync(folder, { recursive: true });
    expect(found.map((line) => line.replace(/^.*?:\d+ /, ''))).have.members([
      'bare lacks a doc comment',
      'Thing.thrice lacks a doc comment',
      'Jumper.fall lacks a doc comment',
      'half lacks @param x',
      'half lacks @returns',
      'half lacks @throws',
      'Work.silent lacks a doc comment',
      'Work.step lacks @throws',
    ]);
  });
});

describe('the check of imports', () => {
  it('tells imports of values from those of types', async () => {
    const { importsOf } = await script('check-imports');
    const text = `
import { a } from './a.js';
import type { B } from './b.js';
import {
  type C,
} from './c.js';
import './d.js';
export * from './e.js';
export type { F } from './f.js';
// import { g } from './g.js';
/** Says import('./h.js') only. */
const later = await import('./i.js');
type J = typeof import('./j.js');
export const text = 'from somewhere';
`;
    expect(importsOf(text)).deep.equal([
      ['./a.js', false],
      ['./b.js', true],
      ['./c.js', false], // an empty import is left of it
      ['./d.js', false],
      ['./e.js', false],
      ['./f.js', true],
      ['./i.js', false],
      ['./j.js', true],
    ]);
  });

  it('finds circles between files by value and by type, folders and packages', async () => {
    const { findCircles, complaints } = await script('check-imports');
    const file = (name: string) => `packages/p/src/${name}`;
    const edge = (from: string, to: string, typeOnly = false) => ({
      package: 'p',
      file: file(from),
      to: file(to),
      typeOnly,
    });
    const imports = [
      edge('x/a.ts', 'x/b.ts'),
      edge('x/b.ts', 'x/c.ts'),
      edge('x/c.ts', 'x/a.ts'),
      edge('x/a.ts', 'y/d.ts'),
      edge('y/e.ts', 'x/b.ts', true),
      edge('y/d.ts', 'z.ts'),
      edge('z.ts', 'y/d.ts', true),
      { package: 'p', file: file('z.ts'), toPackage: 'q', typeOnly: true },
      { package: 'q', file: 'packages/q/src/a.ts', toPackage: 'p', typeOnly: false },
    ];
    const circles = findCircles(imports);
    expect(circles).deep.equal({
      'files, by value': [['x/a.ts', 'x/b.ts', 'x/c.ts'].map(file)],
      'files, by type': [['y/d.ts', 'z.ts'].map(file)],
      folders: [['x', 'y', 'z.ts'].map(file)],
      packages: [['p', 'q']],
    });
    const known = [
      { kind: 'files, by value', within: [file('x/')], reason: 'old' },
      { kind: 'folders', within: [file('')], reason: 'old' },
      { kind: 'packages', within: ['p', 'q'], reason: '' },
      { kind: 'files, by type', within: [file('w/')], reason: 'old' },
    ];
    const [unknown, gone, bare, ...others] = complaints(circles, known);
    expect(unknown).match(/by type[\s\S]*y\/d\.ts\n {2}packages\/p\/src\/z\.ts$/);
    expect(gone).match(/no circle any more.*w\/$/);
    expect(bare).match(/reason is missing: p, q$/);
    expect(others).deep.equal([]);
  });
});
