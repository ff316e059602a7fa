/** The evaluator as the service's workers use it. */

import { HeModel, type LoadedKeys, sealedSizes } from '@tacit/he';
import type { Engine, KeyHandle, LayerRange, LoadedModel } from './engine.js';

/** A model with the evaluator that it lives in. */
interface EngineModel extends LoadedModel {
  readonly model: HeModel;
}

interface EngineKeys extends KeyHandle {
  readonly loaded: LoadedKeys;
}

/** What the workers of the service import. */
export function createEngine(): Engine {
  return {
    async loadModel(serverArtefact: Uint8Array): Promise<EngineModel> {
      const model = await HeModel.load(serverArtefact);
      const { artefact } = model;
      const { inputs, outputs } = model.ciphertexts();
      const rotations = 'rotationSteps' in model.plan ? model.plan.rotationSteps.length : 0;
      const sizes = sealedSizes(artefact.parameters, {
        outputLevel: artefact.schedule.outputLevel,
        rotations,
      });
      return {
        model,
        id: artefact.modelId,
        parametersId: artefact.parametersId,
        layers: artefact.network.stages.map((stage, i) => ({
          name: artefact.layerRanges ? stage.layers.join(' + ') : `stage ${i}`,
          ...(artefact.layerRanges
            ? { inputCiphertexts: model.ciphertexts({ from: i, to: i }).inputs, inputBytesMax: sizes.fresh }
            : {}),
        })),
        inputCiphertexts: inputs,
        inputBytesMax: sizes.fresh,
        outputCiphertexts: outputs,
        outputBytesMax: sizes.result,
        keyBytesMax: sizes.keys,
      };
    },

    async loadKeys(model: LoadedModel, envelope: Uint8Array): Promise<EngineKeys> {
      const loaded = await (model as EngineModel).model.loadKeys(envelope);
      return { loaded, bytes: loaded.bytes, dispose: () => loaded.dispose() };
    },

    evaluate(
      model: LoadedModel,
      keys: KeyHandle,
      inputs: readonly Uint8Array[],
      range?: LayerRange,
    ): Promise<Uint8Array[]> {
      return (model as EngineModel).model.evaluate(inputs, (keys as EngineKeys).loaded, { range });
    },
  };
}
