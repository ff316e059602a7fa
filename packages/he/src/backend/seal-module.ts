/** The type of the native module, apart from `node-seal.ts`, which loads it. */
export type Seal = Awaited<ReturnType<typeof import('#seal')['default']>>;
