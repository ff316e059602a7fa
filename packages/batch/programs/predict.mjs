// Rows of the first party through the model of the second, an ONNX file; only the first one learns the results. All learn
// the architecture and the shapes.
import { fromOnnx } from '@tacit/launch';

export default async (party, _arguments, { files }) => {
  const rows = await party.loadFromParty(files.rows, { src: 0 });
  const model = await fromOnnx(party, files.model, { src: 1, inputShape: rows.shape });
  model.encrypt(party, { src: 1 });
  return model.forward(rows).revealFloat64({ to: 0 });
};
