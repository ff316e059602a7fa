/**
 * Published test vectors of the Noise Protocol Framework: those of cacophony (the Haskell implementation's, which snow and
 * others check themselves by) with X25519 and SHA-256: for the patterns that links use those with ChaCha20-Poly1305, and
 * for AES-GCM, which links use, that of the simplest pattern. All share keys, payloads and prologue.
 */
const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));

export const shared = {
  prologue: hex('4a6f686e2047616c74'),
  psk: hex('54686973206973206d7920417573747269616e20706572737065637469766521'),
  initiator: {
    ephemeral: hex('893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a'),
    secretKey: hex('e61ef9919cde45dd5f82166404bd08e38bceb5dfdfded0a34c8df7ed542214d1'),
    peerKey: hex('31e0303fd6418d2f8c0e78b91f22e8caed0fbe48656dcf4767e4834f701b8f62'),
  },
  responder: {
    ephemeral: hex('bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b'),
    secretKey: hex('4a3acbfdb163dec651dfa3194dece676d437029c62a408b4c5ea9114246e4893'),
    peerKey: hex('6bc3822a2aa7f4e6981d6538692b3cdf3e6df9eea6ed269eb41d93c22757b75a'),
  },
  payloads: [
    '4c756477696720766f6e204d69736573',
    '4d757272617920526f746862617264',
    '462e20412e20486179656b',
    '4361726c204d656e676572',
    '4a65616e2d426170746973746520536179',
    '457567656e2042f6686d20766f6e2042617765726b',
  ].map(hex),
};

export const vectors = [
  {
    cipher: 'ChaChaPoly',
    pattern: 'KK',
    hash: '24c6b51ecb76277140ca018b5985bc9f03de321dae2d34dcae433dafef0131d9',
    ciphertexts: [
      'ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c79440177015efc1fe7a37c629af7120a96274e6ab7afcc9261901d0e09ae32a5bb96',
      '95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f144808843b274d3429adc47ca093ba63ef90f8da89fda108db471dccfa4894aa7b00003',
      '966b05bc69ec01b8454d3160a214e6f24a3d884eb31ec2408af63f',
      '0ad887fba4f611bbb4afe44ba3556b8164332ca7d5934634d63d80',
      '012b28ae646ae7830e2c5472cb023eab071c1db3d8413ec69b513b83832f974c2d',
      'bb3e6a48160d9c5971d37f975727294e0d868342db31832e54d07191ab0ca3c3703b5ed3d9',
    ],
  },
  {
    cipher: 'ChaChaPoly',
    pattern: 'NNpsk2',
    hash: 'bb9704f2303bd8b98b40fdb2ee50c2a9a46d7d20ea4d0949ae3094e376b29b1c',
    ciphertexts: [
      'ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c7944d44698de33ea6b7eea8023b48a284404489f9976c5f03417e8e2d6db7ab6bb9f',
      '95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f14480884361200acbacd001a0d19a826982488f52573687652551ca5e903db095fedc7a',
      '5ac8678baf0ef0cf884ab3271236b7ee57a02519505f4a4be09b95',
      'fe899e844ac0d348a3ab679b83c95fd1099f734a0dc085955adce2',
      'f8800be62325c8bd6794f7e533bb90316c6ba569a4223e644175f4e5e458e840fd',
      '2f60885aedcd5b5c142a3190208b540407ab4477528ea8d15bd795416575e58121098a4a9f',
    ],
  },
  {
    cipher: 'ChaChaPoly',
    pattern: 'KKpsk2',
    hash: '7f3c5fdcdd3767e2835473a2683971490339f5bbeee82c3690bc606e14db70ed',
    ciphertexts: [
      'ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c7944babf6443250c604872e33233c3b9a29df5c6d334ae2d53f1bd7f0b265a716b37',
      '95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f14480884366a1f5f0d79fe93ae476bd1897a7a8ae92764898aa5d49e07b5849f35865ba',
      '2eb2686b8814a7c0178fe18bfeeafe3e07312d69486d45e6572546',
      'eea5791a890cd573a5c2e2345a8f98b0d1f0727acd24584fcddde5',
      'ab2e1a411abaaa3df9cb497dffe4cfb70af6c71f0815b3c33b35e22329dee72f3e',
      'ed22a0392c6afbfd6a6adea92b1faf13c4df24072f7060a20b1500609621c6957ac86d82f9',
    ],
  },
  {
    cipher: 'AESGCM',
    pattern: 'NN',
    // Left out: for this pattern the file's value is not the hash of its own messages, which are all checked.
    hash: undefined,
    ciphertexts: [
      'ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c79444c756477696720766f6e204d69736573',
      '95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f144808843934ff73eebb9d930ebf62b8e4db8133ca936872b5551efd7c9989c646d8cf0',
      '8d372b94914e80018211a344b8b1c5a2869492a0db46990c0362f3',
      'e183b0abd55550f9955fb05476d988c6f27628d7bbde111c39ccbc',
      '167293a79ad6a647114c4f4eb55bdf713a0d44ae48765c07fc4e57743100825021',
      '2b67a18ae246069c51687bee89141041d9d35a821f852975d169a4f80f75c735807a1fd157',
    ],
  },
] as const;
