// An AbortSignal stops parties that compute for ever, one of them without ever looking up.
import { runMultiprocess } from '@tacit/launch';

const transport = process.argv[2];
const controller = new AbortController();
const onEvent = (event) => {
  if (event.type === 'notice') controller.abort(new Error('enough'));
};
try {
  await runMultiprocess(
    { worldSize: 2, transport, signal: controller.signal, onEvent },
    import.meta.url,
    async (party) => {
      if (party.rank === 0) {
        party.notify('here');
        await new Promise((resolve) => setTimeout(resolve, 20));
        for (;;);
      }
      await party.cryptensor([1], { src: 0 }).relu().getPlainText();
      await party.announce(undefined, { src: 0 });
    },
  );
} catch (error) {
  console.log(JSON.stringify({ code: error.code, cause: error.cause.message }));
}
