/** `peers.yaml`: the organisations that this one knows. */
import { statSync } from 'node:fs';
import { ArgumentError } from '@tacit/errors';
import { Document, isMap, isSeq, type YAMLMap, type YAMLSeq } from 'yaml';
import { fingerprintOfDeviceId } from '../device-id/device-id.js';
import { PeerError, PeersFileError } from '../errors.js';
import { pathsIn } from '../home/home.js';
import { withLock } from '../home/lock.js';
import { ensureOwnFolder, entryAt, readOwn, requireOwnFolder, writeOwn } from '../home/private-files.js';
import { type ParsedPeers, parsePeers } from './parse.js';
import type { Peer } from './peer.js';

const HEADER = ` Organisations that this one knows. What is not allowed under 'programs' of a peer is refused.
 'tacit peers' changes this file and keeps comments.`;

/**
 * The peers of this organisation. Every method sees the file as it is: another process, or an editor, may have changed it.
 */
export interface PeersFile {
  /** Where the file is. */
  readonly path: string;
  /**
   * All peers, in the order of the file.
   * @throws PeersFileError where the file is not correct
   */
  list(): readonly Peer[];
  /**
   * The peer of a name.
   * @returns undefined where there is none
   */
  get(name: string): Peer | undefined;
  /**
   * The peer that a certificate is of.
   * @param fingerprint 64 lower-case hexadecimal digits
   * @returns undefined where there is none
   */
  byFingerprint(fingerprint: string): Peer | undefined;
  /**
   * Adds a peer, at the end.
   * @returns the peer as the file has it
   * @throws PeerError PEER_EXISTS where its name or one of its device ids is that of a peer; ArgumentError where it is
   *   not a peer that the file can hold; FileError
   */
  add(peer: Peer): Peer;
  /**
   * Removes a peer.
   * @returns the peer that was there
   * @throws PeerError PEER_UNKNOWN where there is none of that name
   */
  remove(name: string): Peer;
  /**
   * Replaces a peer.
   * @param name of the peer
   * @param change gets the peer, and returns what it becomes
   * @returns the peer as the file has it
   * @throws as `add`; PeerError PEER_UNKNOWN where there is none of that name
   */
  update(name: string, change: (peer: Peer) => Peer): Peer;
}

/**
 * Opens `peers.yaml`. The file is made when the first peer is added.
 * @param home the folder, from `homeFolder`
 * @returns the peers
 * @throws PeersFileError that names the line and the entry where the file is not correct; IdentityError FILE_NOT_PRIVATE
 *   where others can change it; FileError where it cannot be read
 * @example
 * const peer = openPeers(homeFolder()).byFingerprint(channel.binding.peerFingerprint);
 */
export function openPeers(home: string): PeersFile {
  const { peers: path } = pathsIn(home);
  const file = new FilePeers(home, path);
  file.list();
  return file;
}

class FilePeers implements PeersFile {
  #known: {
    readonly stamp: string;
    readonly peers: readonly Peer[];
    byFingerprint: ReadonlyMap<string, Peer>;
  };

  constructor(
    readonly home: string,
    readonly path: string,
  ) {
    this.#known = { stamp: '', peers: [], byFingerprint: new Map() };
  }

  list(): readonly Peer[] {
    return this.#current().peers;
  }

  get(name: string): Peer | undefined {
    return this.list().find((peer) => peer.name === name);
  }

  byFingerprint(fingerprint: string): Peer | undefined {
    return this.#current().byFingerprint.get(fingerprint);
  }

  add(peer: Peer): Peer {
    return this.#change(({ peers, document }) => {
      requireFree(peers, peer);
      listIn(document).add(document.createNode(plain(peer)));
      return peer.name;
    });
  }

  remove(name: string): Peer {
    const peer = this.#required(name);
    this.#change(({ peers, document }) => {
      const index = indexOf(peers, name);
      listIn(document).delete(index);
      return undefined;
    });
    return peer;
  }

  update(name: string, change: (peer: Peer) => Peer): Peer {
    return this.#change(({ peers, document }) => {
      const index = indexOf(peers, name);
      const before = peers[index];
      const after = change(before);
      requireFree(
        peers.filter((_, i) => i !== index),
        after,
      );
      const node = listIn(document).get(index, true) as unknown as YAMLMap;
      const entries = plain(after);
      // Only what changed, so that comments and the way of writing of all else stay.
      for (const key of Object.keys({ ...before, ...entries }))
        if (entries[key] === undefined) node.delete(key);
        else if (JSON.stringify(entries[key]) !== JSON.stringify(plain(before)[key]))
          node.set(key, document.createNode(entries[key]));
      return after.name;
    });
  }

  #required(name: string): Peer {
    const peers = this.list();
    return peers[indexOf(peers, name)];
  }

  #current() {
    requireOwnFolder(this.home);
    const stamp = stampOf(this.path);
    if (stamp !== this.#known.stamp) this.#keep(this.#read().peers, stamp);
    return this.#known;
  }

  #read(): ParsedPeers {
    return parsePeers(readOwn(this.path, false) ?? '', this.path);
  }

  #keep(peers: readonly Peer[], stamp: string): void {
    const byFingerprint = new Map<string, Peer>();
    for (const peer of peers) for (const id of peer.ids) byFingerprint.set(fingerprintOfDeviceId(id), peer);
    this.#known = { stamp, peers, byFingerprint };
  }

  #change(act: (parsed: ParsedPeers) => string | undefined): Peer {
    ensureOwnFolder(this.home);
    return withLock(`${this.path}.lock`, () => {
      const parsed = this.#read();
      const name = act(parsed);
      const text = parsed.document.toString({ lineWidth: 0, indentSeq: true });
      let peers: readonly Peer[];
      try {
        ({ peers } = parsePeers(text, this.path));
      } catch (error) {
        // The file was correct, so it is the peer that is not.
        if (error instanceof PeersFileError)
          throw new ArgumentError(error.message.slice(error.message.indexOf(': ') + 2));
        throw error;
      }
      writeOwn(this.path, text);
      this.#keep(peers, stampOf(this.path));
      return peers.find((peer) => peer.name === name) as Peer;
    });
  }
}

/** Another one for every version of the file; the empty one is no file's. */
function stampOf(path: string): string {
  if (!entryAt(path)) return 'none';
  const stats = statSync(path, { throwIfNoEntry: false, bigint: true });
  return stats ? `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}` : 'lost';
}

function indexOf(peers: readonly Peer[], name: string): number {
  const index = peers.findIndex((peer) => peer.name === name);
  if (index >= 0) return index;
  const names = peers.map((peer) => peer.name).join(', ');
  throw new PeerError(
    'PEER_UNKNOWN',
    `there is no peer ${JSON.stringify(name)}; ${names ? `known are ${names}` : 'no peer is known yet'}`,
  );
}

function requireFree(peers: readonly Peer[], { name, ids }: Peer): void {
  if (peers.some((peer) => peer.name === name))
    throw new PeerError('PEER_EXISTS', `there is a peer '${name}' already`);
  for (const id of ids) {
    const fingerprint = fingerprintOfDeviceId(id);
    const owner = peers.find((peer) =>
      peer.ids.some((known) => fingerprintOfDeviceId(known) === fingerprint),
    );
    if (owner) throw new PeerError('PEER_EXISTS', `the device id ${id} is that of the peer '${owner.name}'`);
  }
}

/** Without entries that are undefined, in the order of the documentation. */
function plain({ name, ids, address, role, programs, ...others }: Peer): Record<string, unknown> {
  return JSON.parse(JSON.stringify({ name, ids, address, role, programs, ...others }));
}

/** The list of peers in a document, which is made where there is none. */
function listIn(document: Document): YAMLSeq {
  // Nothing at all, or a null.
  if (!isMap(document.contents)) {
    if (document.contents === null) document.commentBefore ??= HEADER;
    document.contents = document.createNode({}) as Document['contents'];
  }
  // `{}` and `[]` become lines.
  if (isMap(document.contents) && document.contents.items.length === 0) document.contents.flow = false;
  const list = document.get('peers', true);
  if (isSeq(list)) {
    if (list.items.length === 0) list.flow = false;
    return list;
  }
  const made = new Document([]).contents as YAMLSeq;
  made.flow = false;
  document.set('peers', made);
  return made;
}
