/** Stubs: the inputs and outputs of a model, and nothing else of it. */
import { buildGraph, parseOnnx } from '@tacit/onnx';
import { fixtureBytes, MODELS } from '@tacit/testing/fixtures';
import { expect } from 'chai';
import fc from 'fast-check';
import * as ort from 'onnxruntime-web';
import { encodeModel } from '../../onnx/test/helpers/onnx-encoder.js';
import { readStub, stubOf } from '../src/index.js';
import { readModelFile } from '../src/stub/model-file.js';
import { INVITE, modelOf, node, refusal, tensor, twoInputs, words } from './helpers/models.js';

const invite = INVITE;

describe('stubs', () => {
  it('have the inputs and outputs of the model, an invite, and no number', () => {
    const files = [twoInputs(), words(), ...MODELS.map((name) => fixtureBytes(`${name}/model.onnx`))];
    for (const file of files) {
      const stub = stubOf(file, { invite });
      const [from, to] = [readModelFile(file), readModelFile(stub)];
      expect(to.inputs).deep.equal(from.inputs);
      expect(to.outputs).deep.equal(from.outputs);
      expect(to.numbers).equal(0);
      expect(from.numbers).greaterThan(0);
      expect(to.opset).equal(from.opset);
      expect(stub.length).lessThan(1000);
      expect(readStub(stub).invite).equal(invite);
      // Any reader of ONNX finds one node of an operator set of its own, from all inputs to all outputs.
      const { graph, opsets } = parseOnnx(stub);
      expect(graph.nodes.map(({ domain, opType }) => `${domain}.${opType}`)).deep.equal([
        'ai.tacit.PrivateModel',
      ]);
      expect(graph.nodes[0].inputs).deep.equal(graph.inputs.map(({ name }) => name));
      expect(graph.nodes[0].outputs).deep.equal(graph.outputs.map(({ name }) => name));
      expect(opsets.get('ai.tacit')).equal(1);
      expect(graph.initializers.size).equal(0);
    }
  });

  it('keep all types and all forms of shapes', () => {
    const types = ['float', 'double', 'float16', 'int64', 'int32', 'uint8', 'bool', 'bfloat16'];
    const inputs = types.map((type, i) => ({ name: `in_${type}`, type, shape: [1, 'n', undefined, i + 1] }));
    const outputs = [
      { name: 'any', type: 'float', shape: undefined },
      { name: 'scalar', type: 'float', shape: [] },
    ];
    const stub = stubOf(modelOf({ inputs, outputs }), { invite });
    const read = readModelFile(stub);
    expect(read.inputs).deep.equal(inputs);
    expect(read.outputs).deep.equal(outputs);
    expect(readStub(stub).inputs[0]).deep.equal({
      name: 'in_float',
      type: 'float32',
      shape: [1, 'n', 'in_float.2', 1],
    });
    const open = readModelFile(stubOf(modelOf({ inputs, outputs }), { invite, keepShapes: false }));
    expect(open.inputs[0].shape).deep.equal(['in_float.0', 'in_float.1', 'in_float.2', 'in_float.3']);
    expect(open.outputs[0].shape).equal(undefined);
  });

  it('have no invite where none is given, and a name where one is', () => {
    expect(readStub(stubOf(twoInputs()))).deep.include({ invite: undefined, name: undefined });
    expect(readStub(stubOf(twoInputs(), { name: 'sums' }))).deep.include({ invite: undefined, name: 'sums' });
  });

  it('tell nothing of the model but that: no names of weights or layers, no weight, no producer', () => {
    const stub = Buffer.from(stubOf(twoInputs(), { invite })).toString('latin1');
    for (const secret of ['Gemm', 'Relu', 'Add_sum', 'two', 'batch_norm']) expect(stub).not.include(secret);
  });

  it('are made of models with initializers among the inputs, and with weights in other files', () => {
    const old = modelOf({
      inputs: [
        { name: 'x', type: 'float', shape: [1, 4] },
        { name: 'w', type: 'float', shape: [4, 2] },
      ],
      outputs: [{ name: 'y', type: 'float', shape: [1, 2] }],
      constants: { w: tensor([4, 2]) },
      nodes: [node('MatMul', ['x', 'w'], 'y')],
    });
    expect(readStub(stubOf(old, { invite })).inputs.map(({ name }) => name)).deep.equal(['x']);
    const apart = encodeModel({
      opset: 17,
      inputs: [{ name: 'x', shape: [1, 4] }],
      outputs: [{ name: 'y', shape: [1, 2] }],
      nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
      initializers: { w: { shape: [4, 2], data: [], external: true } },
    });
    expect(readModelFile(apart)).deep.include({ external: true, numbers: 8 });
    expect(readStub(stubOf(apart)).outputs.map(({ name }) => name)).deep.equal(['y']);
  });

  it('are refused by name by a runtime that does not know them', async () => {
    const stub = stubOf(twoInputs(), { invite });
    const said = await refusal(() => ort.InferenceSession.create(stub, { logSeverityLevel: 4 }));
    expect(said).include('PrivateModel').include('ai.tacit');
    // And by our own reader of models, as an operator that is not there.
    expect(await refusal(() => buildGraph(parseOnnx(stub)))).match(
      /UNSUPPORTED_MODEL .*ai\.tacit\.PrivateModel/s,
    );
  });

  it('are refused where they are none', async () => {
    const model = twoInputs();
    const weights = modelOf({
      metadata: { 'tacit.invite': invite },
      outputs: [{ name: 'y', type: 'float', shape: [1] }],
      constants: { y: tensor([1]) },
    });
    const bad = modelOf({ metadata: { 'tacit.invite': 'https://example.org' }, outputs: [] });
    const empty = modelOf({ metadata: { 'tacit.invite': invite }, outputs: [] });
    const later = modelOf({ metadata: { 'tacit.stub': '2' } });
    for (const [pattern, act] of [
      [/^STUB_MISSING .*not a stub.*holds 16 numbers\. /, () => readStub(model)],
      [/^STUB_MISSING .*not a stub.*private model\. /, () => readStub(modelOf({}))],
      [/^STUB_MISSING .*version 2/, () => readStub(later)],
      [/^STUB_WEIGHTS .*1 numbers/, () => readStub(weights)],
      [/^STUB_MISSING .*begins with "tacit:"/, () => readStub(bad)],
      [/^MODEL_FORMAT .*no output/, () => readStub(empty)],
      [/^MODEL_FORMAT /, () => readStub(new Uint8Array())],
      [/^MODEL_FORMAT /, () => stubOf(Uint8Array.of(1, 2, 3), { invite })],
      [/^ARGUMENT .*invite/, () => stubOf(model, { invite: 'hello' })],
      [/^ARGUMENT .*invite/, () => stubOf(model, { invite: 'tacit:1: x' })],
      [/^ARGUMENT .*no outputs/, () => stubOf(modelOf({}), { invite })],
    ] as const)
      expect(await refusal(act)).match(pattern);
    const slot = { name: 'x', type: 'float', shape: [1] };
    const twice = modelOf({ inputs: [slot], outputs: [slot] });
    expect(await refusal(() => stubOf(twice, { invite }))).match(/^ARGUMENT .*one name/);
  });

  it('of damaged files end in an error with a code, or are stubs', () => {
    const files = [stubOf(twoInputs(), { invite }), words()];
    const runs = Number(process.env.TACIT_FUZZ_RUNS ?? 10_000) / 10;
    fc.assert(
      fc.property(
        fc.constantFrom(...files),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 }),
        fc.nat(),
        (file, changes, cut) => {
          const bytes = file.slice(0, file.length - (cut % 3 === 0 ? cut % file.length : 0));
          for (const [at, value] of changes) if (bytes.length > 0) bytes[at % bytes.length] = value;
          for (const act of [() => readStub(bytes), () => stubOf(bytes, { invite })])
            try {
              act();
            } catch (error) {
              expect((error as { code?: string }).code).match(/^(MODEL_FORMAT|STUB_|ARGUMENT)/);
            }
        },
      ),
      { numRuns: runs },
    );
  });
});
