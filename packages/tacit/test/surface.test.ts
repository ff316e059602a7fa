import { expect } from 'chai';

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

  it('offers models apart, so that the main entry stays light', async () => {
    const onnx = await import('../src/onnx.js');
    expect(onnx).to.include.all.keys('parseOnnx', 'buildGraph', 'buildNetwork', 'UnsupportedModelError');
  });
});
