/**
 * Domain separation. Every use of a key has a label of its own, so that bytes made for one purpose mean nothing in
 * another. Labels are part of the protocol: changing one is a new version.
 */
export const LABELS = {
  deviceCertificate: "SecureComm device certificate 1",
  prekeyBundle: "SecureComm prekey bundle 1",
  handshake: "SecureComm PQXDH X25519 ML-KEM-768 SHA-256 1",
  handshakeAd: "SecureComm PQXDH associated data 1",
  handshakeExport: "SecureComm PQXDH export 1",
  ratchetRoot: "SecureComm ratchet root 1",
  ratchetMessage: "SecureComm ratchet message 1",
  ratchetChain: "SecureComm ratchet chain 1",
  groupOwner: "SecureComm sender key owner 1",
  groupBlock: "SecureComm sender key block 1",
  groupMessage: "SecureComm sender key message 1",
  groupChain: "SecureComm sender key chain 1",
  handshake2: "SecureComm PQXDH X25519 ML-KEM-768 SHA-256 2",
  handshakeAd2: "SecureComm PQXDH associated data 2",
  handshakeExport2: "SecureComm PQXDH export 2",
  handshakeHeaders: "SecureComm PQXDH header keys 2",
  ratchetRoot2: "SecureComm ratchet root 2",
  ratchetMixedRoot: "SecureComm ratchet root with ML-KEM-768 2",
  ratchetMessage2: "SecureComm ratchet message 2",
  ratchetChain2: "SecureComm ratchet chain 2",
  proofMac: "SecureComm device proof mac 1",
  proofSeal: "SecureComm device proof seal 1",
  proofSignature: "SecureComm device proof signature 1",
  topic: "SecureComm topic 1",
  inviteId: "SecureComm invite id 1",
  contactSecret: "SecureComm contact secret 1",
  callOffer: "SecureComm call offer 1",
  callAnswer: "SecureComm call answer 1",
  callKey: "SecureComm call pairwise key 1",
  mediaKey: "SecureComm media base key 1",
  mediaMac: "SecureComm media mac key 1",
  callCode: "SecureComm call code 1",
} as const;

export type Label = (typeof LABELS)[keyof typeof LABELS];
