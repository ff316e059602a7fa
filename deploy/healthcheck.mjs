// The HEALTHCHECK of the image: exits 0 while /livez of this container answers 200. Without a health port nothing is
// asked, and a container that runs counts as well.
const port = process.env.TACIT_OPERATE__PORT;
if (port === undefined || port === '') process.exit(0);
try {
  const { status } = await fetch(`http://127.0.0.1:${port}/livez`, { signal: AbortSignal.timeout(4000) });
  process.exit(status === 200 ? 0 : 1);
} catch {
  process.exit(1);
}
