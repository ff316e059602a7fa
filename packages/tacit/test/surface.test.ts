import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';

/** Whose errors a program on tensors can meet; homomorphic encryption exports its own. */
const PACKAGES = [
  'comm',
  'errors',
  'files',
  'graph',
  'launch',
  'mpc',
  'nn',
  'onnx',
  'ring',
  'tables',
  'tensor',
];
const root = new URL('../../', import.meta.url);

describe('the package tacit', () => {
  it('offers what programs need', async () => {
    const tacit = await import('../src/index.js');
    expect(tacit).to.include.all.keys(
      ...[
        'runMultiprocess',
        'LaunchedParty',
        'CrypTensor',
        'cat',
        'stack',
        'isEncryptedTensor',
        'linkTables',
        'nn',
        'BT3',
        'BT4',
      ],
      ...[
        'defaultConfig',
        'TacitError',
        'PartyError',
        'PartyExitedError',
        'PeerTimeoutError',
        'ProgramMismatchError',
      ],
      ...['ShapeError', 'EncodeRangeError', 'NpyFormatError', 'parseNpy', 'encodeNpy'],
    );
    expect(tacit.nn).to.include.all.keys('fromOnnx', 'Linear', 'Module');
  });

  it('offers every class of error that is thrown on purpose', async () => {
    const offered = { ...(await import('../src/index.js')), ...(await import('../src/onnx.js')) };
    const classes = PACKAGES.flatMap((name) => {
      const src = new URL(`${name}/src/`, root);
      return readdirSync(src, { recursive: true, encoding: 'utf8' })
        .filter((path) => path.endsWith('.ts'))
        .flatMap((path) => [
          ...readFileSync(new URL(path, src), 'utf8').matchAll(
            /^export class (\w+Error) extends (?!Error\b)\w+/gm,
          ),
        ])
        .map(([, className]) => className);
    });
    expect(classes).include('ShapeError');
    expect(classes.filter((className) => !(className in offered))).deep.equal([]);
  });

  it('offers models apart, so that the main entry stays light', async () => {
    const onnx = await import('../src/onnx.js');
    expect(onnx).to.include.all.keys('parseOnnx', 'buildGraph', 'buildNetwork', 'UnsupportedModelError');
  });
});
