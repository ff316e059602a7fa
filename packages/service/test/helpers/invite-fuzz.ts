/** Invites that were damaged in every way. */
import { encodeModelInvite, type ModelInvite, parseModelInvite, ServiceInviteError } from '@tacit/service';
import { fuzzRuns } from '@tacit/testing';
import { expect } from 'chai';
import fc from 'fast-check';

const key = fc.uint8Array({ minLength: 32, maxLength: 32 });

/** Invites as services make them. */
export const invites: fc.Arbitrary<ModelInvite> = fc
  .record({
    model: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/),
    address: fc
      .tuple(fc.constantFrom('ws', 'wss'), fc.domain(), fc.integer({ min: 1, max: 65_535 }))
      .map(([scheme, host, port]) => `${scheme}://${host.slice(-60)}:${port}/`)
      .filter((address) => URL.canParse(address)),
    serviceKey: key,
    dealerKey: key,
    secret: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    seconds: fc.nat(2 ** 31),
    ownDealer: fc.boolean(),
  })
  .map(({ seconds, ...rest }) => ({
    ...rest,
    ...(seconds > 0 && { expires: new Date(seconds * 1000) }),
  }));

const inputs = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 600 }),
  fc.base64String({ maxLength: 600 }).map((text) => `tacit:1:${text}`),
  fc.uint8Array({ maxLength: 400 }).map((bytes) => `tacit:1:${Buffer.from(bytes).toString('base64url')}`),
  // The right kind and a checksum that fits, over anything.
  fc.uint8Array({ maxLength: 300 }).map((bytes) => withChecksum(Uint8Array.from([0, 1, ...bytes]))),
  fc.tuple(invites, fc.nat(300), fc.string({ maxLength: 3 }), fc.nat(4)).map(([invite, at, put, cut]) => {
    const text = encodeModelInvite(invite);
    return text.slice(0, at) + put + text.slice(at + cut);
  }),
);

function withChecksum(bytes: Uint8Array): string {
  const { createHash } = process.getBuiltinModule('node:crypto');
  const checksum = createHash('sha256').update(bytes).digest().subarray(0, 4);
  return `tacit:1:${Buffer.concat([bytes, checksum]).toString('base64url')}`;
}

/**
 * Feeds texts to the parser: each is an invite, which makes the same text again, or is refused by code.
 * @param usual how many, where TACIT_FUZZ_RUNS does not say
 */
export function fuzzInvites(usual: number): void {
  fc.assert(
    fc.property(inputs, (text) => {
      try {
        const invite = parseModelInvite(text);
        expect(parseModelInvite(encodeModelInvite(invite))).to.deep.equal(invite);
      } catch (error) {
        expect(error).to.be.instanceOf(ServiceInviteError);
        const { message } = error as Error;
        expect(message.length).to.be.lessThan(300);
      }
    }),
    { numRuns: fuzzRuns(usual) },
  );
}
