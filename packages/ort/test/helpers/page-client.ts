/** For pages of tests: a runtime whose private models are computed by the process that serves the page. */
import { createRuntime, type PrivateModel, type TensorLike } from '../../src/index.js';
import { decodeTensors, encodeTensors } from './json-tensors.js';

const post = async (path: string, body: string): Promise<string> => {
  const response = await fetch(path, { method: 'POST', body });
  if (!response.ok) throw new Error(await response.text());
  return response.text();
};

const runtime = createRuntime({
  connect: async (invite): Promise<PrivateModel> => ({
    info: JSON.parse(await post('/open', invite)),
    stats: {},
    run: async (feeds: Readonly<Record<string, TensorLike>>) =>
      decodeTensors(await post('/run', JSON.stringify({ invite, feeds: encodeTensors(feeds) }))),
    close: async () => void (await post('/close', invite)),
  }),
});

export const { InferenceSession, Tensor, env } = runtime;
export default runtime;
