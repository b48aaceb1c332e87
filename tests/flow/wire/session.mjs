// A firm's session with a vault, written from sdk/wire/WIRE.md, sections 1 to
// 4, with Node's built-ins.
//
// new Session(place, me, on): place is an invitation or an address, me of
// identity().  on.ready(status) once M4 holds, on.message(opcode, data) for each
// message behind it, on.closed(code, words) at the end (code 0: broken off).
import { createHash, createHmac, createPrivateKey, createPublicKey,
  randomBytes, sign, verify } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:tls';

export const TEXT = 1, BINARY = 2;
export const sha = (...parts) => createHash('sha256').update(Buffer.concat(parts)).digest();
export const label = (text) => Buffer.from(text + '\0');
const u32 = (n) => { const b = Buffer.alloc(4); b.writeUInt32BE(n); return b; };
const SPACES = Buffer.alloc(64, 0x20);

const LETTERS = 'abcdefghijklmnopqrstuvwxyz234567';
export function base32(bytes) {
  let bits = '', out = '';
  for (const b of bytes) bits += b.toString(2).padStart(8, '0');
  for (let i = 0; i < bits.length; i += 5) out += LETTERS[parseInt(bits.slice(i, i + 5).padEnd(5, '0'), 2)];
  return out;
}
function unbase32(text, count) {
  let bits = '';
  for (const c of text) bits += LETTERS.indexOf(c).toString(2).padStart(5, '0');
  return Buffer.from(Array.from({ length: count }, (_, i) => parseInt(bits.slice(8 * i, 8 * i + 8), 2)));
}

// ---- identity (section 3.1) ----
export const publicKey = (raw) => createPublicKey({ format: 'jwk',
  key: { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') } });
// PKCS #8 around a seed: Node 20's generateKeyPairSync can lock up in export
const fresh = () => createPrivateKey({ format: 'der', type: 'pkcs8', key: Buffer.concat(
  [Buffer.from('302e020100300506032b657004220420', 'hex'), randomBytes(32)]) }).export({ format: 'jwk' });
export function identity(file) { // made if it is not there
  if (!existsSync(file)) writeFileSync(file, JSON.stringify(fresh()), { mode: 0o600 });
  const jwk = JSON.parse(readFileSync(file, 'utf8'));
  const pk = Buffer.from(jwk.x, 'base64url');
  const id = sha(Buffer.from('vd1 firm id'), pk);
  return { sk: createPrivateKey({ key: jwk, format: 'jwk' }), pk, id, text: 'vf1:' + base32(id) };
}

export class Session {
  constructor(place, me, on) {
    Object.assign(this, { me, on, left: Buffer.alloc(0), parts: [], kind: 0, step: 0, open: false, over: false });
    const invite = /^vault:\/\/(.+):(\d+)\/(\w{52})#(\w{26})$/.exec(place);
    const [, host, port, id, token] = invite ?? /^(?=vd1:\w{52}@(.+):(\d+)$)vd1:(\w{52})/.exec(place);
    this.vaultId = unbase32(id, 32);
    this.token = token && unbase32(token, 16);
    this.tls = connect({ host, port: Number(port), rejectUnauthorized: false, minVersion: 'TLSv1.3' });
    this.tls.on('secureConnect', () => this.tls.write(`GET / HTTP/1.1\r\nHost: ${host}:${port}\r\nUpgrade: websocket\r\n`
      + `Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n`
      + 'Sec-WebSocket-Protocol: vault.v1\r\n\r\n'));
    this.tls.on('data', (data) => this.came(data));
    this.tls.on('error', (e) => this.end(0, e.message));
    this.tls.on('close', () => this.end(0, 'end'));
    this.tls.setTimeout(60000, () => this.end(0, 'silence'));
  }
  end(code, words) {
    if (!this.over) this.on.closed(code, words);
    this.over = true;
    this.tls.end();
  }
  need(holds, what) {
    if (!holds && !this.over) this.end(0, what);
    return holds;
  }
  // ---- WebSocket (RFC 6455) ----
  send(opcode, data) {
    const mask = randomBytes(4), n = data.length;
    const size = n < 126 ? Buffer.from([0x80 | n]) : n < 65536
      ? Buffer.from([0xfe, n >> 8, n & 255]) : Buffer.concat([Buffer.from([0xff, 0, 0, 0, 0]), u32(n)]);
    this.tls.write(Buffer.concat([Buffer.from([0x80 | opcode]), size, mask, data.map((b, i) => b ^ mask[i & 3])]));
  }
  close() { this.send(8, Buffer.from([3, 232])); }
  frame() { // one frame off what came, or undefined
    const { left } = this;
    let n = left.length < 2 ? Infinity : left[1] & 127, at = 2;
    if (n === 126) { n = left.length < 4 ? Infinity : left.readUInt16BE(2); at = 4; }
    else if (n === 127) { n = left.length < 10 ? Infinity : Number(left.readBigUInt64BE(2)); at = 10; }
    if (left.length < at + n) return undefined;
    this.left = left.subarray(at + n);
    return { fin: left[0] >> 7, opcode: left[0] & 15, data: left.subarray(at, at + n) };
  }
  came(data) {
    this.left = Buffer.concat([this.left, data]);
    if (!this.open) {
      const end = this.left.indexOf('\r\n\r\n');
      if (end < 0 || !this.need(this.left.subarray(9, 12).toString() === '101',
        this.left.subarray(0, end).toString().split('\r\n')[0])) return;
      [this.left, this.open] = [this.left.subarray(end + 4), true];
      this.hello();
    }
    for (let f; !this.over && (f = this.frame());) this.take(f);
  }
  take({ fin, opcode, data }) {
    if (opcode === 9) return this.send(10, data);
    if (opcode === 8) return this.end(data.readUInt16BE(0), data.subarray(2).toString());
    if (opcode === 10) return undefined;
    this.kind = opcode || this.kind;
    this.parts.push(data);
    return fin ? this.message(this.kind, Buffer.concat(this.parts.splice(0))) : undefined;
  }
  message(opcode, data) {
    if (this.step > 1) return this.on.message(opcode, data);
    return this.step++ === 0 ? this.challenge(data) : this.ready(data);
  }
  // ---- handshake (sections 3.2 to 3.4) ----
  hello() {
    const ekm = this.tls.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding');
    const m1 = Buffer.concat([Buffer.from([1, 1, 1]), this.vaultId, randomBytes(32)]);
    this.th = sha(sha(label('vd1 handshake v1'), Buffer.from([1, 0]), ekm), u32(m1.length), m1);
    this.send(BINARY, m1);
  }
  proof() { // of the invitation
    if (!this.token) return Buffer.alloc(0);
    const mac = createHmac('sha256', this.token).update(Buffer.concat([label('vd1 invite use'), this.th, this.me.pk]));
    return Buffer.concat([sha(Buffer.from('vd1 invite id'), this.token).subarray(0, 8), mac.digest()]);
  }
  challenge(m2) {
    const raw = m2.subarray(2, 34), bare = m2.subarray(0, 78);
    if (!this.need(m2.length === 142 && m2[0] === 2 && m2[1] === 1, 'no M2')
      || !this.need(sha(Buffer.from('vd1 vault id'), raw).equals(this.vaultId), 'another vault')) return;
    this.key = publicKey(raw);
    if (!this.need(verify(null, Buffer.concat([SPACES, label('vd1 server auth'), sha(this.th, u32(78), bare)]),
      this.key, m2.subarray(78)), 'sigV')) return;
    this.th = sha(this.th, u32(142), m2);
    const proof = this.proof();
    const half = Buffer.concat([Buffer.from([3, 1]), this.me.pk, Buffer.from([proof.length ? 1 : 0, 0, proof.length]),
      proof, Buffer.alloc(2)]);
    const signed = sha(this.th, u32(half.length), half);
    const m3 = Buffer.concat([half, sign(null, Buffer.concat([SPACES, label('vd1 client auth'), signed]), this.me.sk)]);
    this.th = sha(this.th, u32(m3.length), m3);
    this.send(BINARY, m3);
  }
  ready(m4) {
    if (this.need(m4.length === 138 && m4[0] === 4 && m4[1] !== 1, 'refused')
      && this.need(m4.subarray(2, 18).equals(this.th.subarray(0, 16)), 'session id')
      && this.need(verify(null, Buffer.concat([label('vd1 head'), this.vaultId, this.me.id, m4.subarray(26, 74)]),
        this.key, m4.subarray(74)), 'head')) this.on.ready(m4[1]);
  }
}
