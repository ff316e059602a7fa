import { tokenHandshake } from '@tacit/comm/layers';
import { noise, noiseKeys } from '@tacit/comm/noise';
import { fingerprintOf, pinned, type TlsIdentity, tlsClient, tlsServer } from '@tacit/comm/tls';
import { nodePrimitives } from '@tacit/comm/websocket';
import { alice, bob, carol, mallory } from '../../comm/test/test-identities.js';
import { type Below, secureChannelCompliance } from '../src/index.js';

const token = crypto.getRandomValues(new Uint8Array(32));
const other = crypto.getRandomValues(new Uint8Array(32));
const members = [noiseKeys(), noiseKeys(), noiseKeys()];
const publicKeys = members.map(({ publicKey }) => publicKey);
const keysOf = (rank: number) => ({ secretKey: members[rank].secretKey, publicKeys });
const intruder = { secretKey: noiseKeys().secretKey, publicKeys };

secureChannelCompliance('token', {
  dialer: tokenHandshake(token),
  listener: tokenHandshake(token),
  outsiders: [tokenHandshake(other)],
  encrypts: false,
});

secureChannelCompliance('token of a pair', {
  dialer: tokenHandshake((peer) => (peer === 0 ? token : other)),
  listener: tokenHandshake((peer) => (peer === 1 ? token : other)),
  outsiders: [tokenHandshake(other)],
  encrypts: false,
});

secureChannelCompliance('noise with a token', {
  dialer: noise({ token }),
  listener: noise({ token, primitives: nodePrimitives }),
  outsiders: [noise({ token: other })],
  encrypts: true,
});

secureChannelCompliance('noise with keys', {
  dialer: noise({ keys: keysOf(1), primitives: nodePrimitives }),
  listener: noise({ keys: keysOf(0) }),
  // One from outside, and a member in the place of another.
  outsiders: [noise({ keys: intruder }), noise({ keys: keysOf(2) })],
  encrypts: true,
});

secureChannelCompliance('noise with keys and a token', {
  dialer: noise({ keys: keysOf(1), token, primitives: nodePrimitives }),
  listener: noise({ keys: keysOf(0), token, primitives: nodePrimitives }),
  outsiders: [noise({ keys: keysOf(1), token: other }), noise({ keys: keysOf(2), token })],
  encrypts: true,
});

const fingerprints = [alice, bob, carol].map(({ certificate }) => [fingerprintOf(certificate)]);
/** Any certificate goes: it is the layer that has to look at it. */
const tlsAs =
  (dialer: TlsIdentity, listener: TlsIdentity): Below =>
  (channel, end) =>
    end === 'dialer' ? tlsClient(channel, dialer) : tlsServer(channel, listener);
const asMember = pinned({ fingerprints, token });

secureChannelCompliance('TLS inside, pinned', {
  below: tlsAs(bob, alice),
  dialer: asMember,
  listener: asMember,
  outsiders: [
    pinned({ fingerprints, token: other }),
    // Who has the token, and one from outside, another member, or no certificate at all.
    { ...asMember, below: tlsAs(mallory, mallory) },
    { ...asMember, below: tlsAs(carol, carol) },
    { ...asMember, below: async (channel) => channel },
    tokenHandshake(token),
  ],
  encrypts: true,
});
