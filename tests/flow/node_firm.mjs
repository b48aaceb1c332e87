// A firm in one file, written from sdk/wire/WIRE.md with Node's built-ins.
//
// node node_firm.mjs KEYFILE enrol 'vault://host:port/ID#TOKEN'
//   spends the invitation, prints the firm's id; makes KEYFILE if need be
// node node_firm.mjs KEYFILE talk 'vd1:ID@host:port'
//   a session: lines of stdin go out as text messages (a request whose params
//   hold `terms` is signed as request.submit first); prints "R ready", then
//   "T text", "B base64" for each message, "C code reason" at its end
import { createHash, createHmac, createPrivateKey, createPublicKey,
  randomBytes, sign, verify } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { connect } from 'node:tls';

const [, , keyFile, verb, place] = process.argv;
const sha = (...parts) => createHash('sha256').update(Buffer.concat(parts)).digest();
const label = (text) => Buffer.from(text + '\0');
const u32 = (n) => { const b = Buffer.alloc(4); b.writeUInt32BE(n); return b; };
const need = (holds, what) => { if (!holds) { console.log('C 0 ' + what); process.exit(1); } };

const LETTERS = 'abcdefghijklmnopqrstuvwxyz234567';
function base32(bytes) {
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
function ulid() {
  let n = (BigInt(Date.now()) << 80n) | BigInt('0x' + randomBytes(10).toString('hex')), out = '';
  for (; out.length < 26; n >>= 5n) out = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'[Number(n & 31n)] + out;
  return out;
}

// ---- identity (section 3.1) ----
// PKCS #8 around a seed: Node 20's generateKeyPairSync can lock up in export
const fresh = () => createPrivateKey({ format: 'der', type: 'pkcs8', key: Buffer.concat(
  [Buffer.from('302e020100300506032b657004220420', 'hex'), randomBytes(32)]) }).export({ format: 'jwk' });
if (!existsSync(keyFile)) writeFileSync(keyFile, JSON.stringify(fresh()), { mode: 0o600 });
const jwk = JSON.parse(readFileSync(keyFile, 'utf8'));
const sk = createPrivateKey({ key: jwk, format: 'jwk' });
const pk = Buffer.from(jwk.x, 'base64url');
const myId = sha(Buffer.from('vd1 firm id'), pk);
const publicKey = (raw) => createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') } });

const [, id32, token, host, port] = verb === 'enrol' ? /^vault:..(?=.*\/(\w{52})#(\w{26})$)(.+):(\d+)\//.exec(place)
  : /^vd1:(\w{52})()@(.+):(\d+)$/.exec(place);
const vaultId = unbase32(id32, 32);
// ---- WebSocket ----
const tls = connect({ host, port: Number(port), rejectUnauthorized: false, minVersion: 'TLSv1.3' });
const parts = [];
let left = Buffer.alloc(0), kind = 0, open = false;

function send(opcode, data) {
  const mask = randomBytes(4), n = data.length;
  const size = n < 126 ? Buffer.from([0x80 | n]) : n < 65536
    ? Buffer.from([0xfe, n >> 8, n & 255]) : Buffer.concat([Buffer.from([0xff, 0, 0, 0, 0]), u32(n)]);
  tls.write(Buffer.concat([Buffer.from([0x80 | opcode]), size, mask, data.map((b, i) => b ^ mask[i & 3])]));
}
function frame() { // one frame off what came, or undefined
  let n = left.length < 2 ? Infinity : left[1] & 127, at = 2; // no whole head: no frame
  if (n === 126) { n = left.length < 4 ? Infinity : left.readUInt16BE(2); at = 4; }
  else if (n === 127) { n = left.length < 10 ? Infinity : Number(left.readBigUInt64BE(2)); at = 10; }
  if (left.length < at + n) return undefined;
  const [first] = left, data = left.subarray(at, at + n);
  left = left.subarray(at + n);
  return { fin: first >> 7, opcode: first & 15, data };
}
function take({ fin, opcode, data }) {
  if (opcode === 9) return send(10, data);
  if (opcode === 8) { console.log(`C ${data.readUInt16BE(0)} ${data.subarray(2)}`); return tls.end(); }
  kind = opcode || kind;
  parts.push(data);
  return fin ? message(kind, Buffer.concat(parts.splice(0))) : undefined;
}
tls.on('secureConnect', () => tls.write(`GET / HTTP/1.1\r\nHost: ${host}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n`
  + `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\nSec-WebSocket-Protocol: vault.v1\r\n\r\n`));
tls.on('data', (data) => {
  left = Buffer.concat([left, data]);
  if (!open) {
    const end = left.indexOf('\r\n\r\n');
    if (end < 0) return;
    need(left.subarray(9, 12).toString() === '101', left.subarray(0, end).toString().split('\r\n')[0]);
    [left, open] = [left.subarray(end + 4), true];
    hello();
  }
  for (let f; (f = frame());) take(f);
});
tls.on('error', (e) => console.log('C 0 ' + e.message));
tls.on('close', () => process.exit(0));
tls.setTimeout(60000, () => need(false, 'silence'));
// ---- handshake (section 3.2 to 3.4) ----
let th, step = 0, vaultKey;
function hello() {
  const ekm = tls.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding');
  const m1 = Buffer.concat([Buffer.from([1, 1, 1]), vaultId, randomBytes(32)]);
  th = sha(sha(label('vd1 handshake v1'), Buffer.from([1, 0]), ekm), u32(m1.length), m1);
  send(2, m1);
}
function challenge(m2) {
  const raw = m2.subarray(2, 34), bare = m2.subarray(0, 78), spaces = Buffer.alloc(64, 0x20);
  need(m2.length === 142 && m2[0] === 2 && m2[1] === 1, 'no M2');
  need(sha(Buffer.from('vd1 vault id'), raw).equals(vaultId), 'another vault');
  vaultKey = publicKey(raw);
  need(verify(null, Buffer.concat([spaces, label('vd1 server auth'), sha(th, u32(78), bare)]), vaultKey, m2.subarray(78)), 'sigV');
  th = sha(th, u32(142), m2);
  const secret = unbase32(token, 16);
  const proof = !token ? Buffer.alloc(0) : Buffer.concat([sha(Buffer.from('vd1 invite id'), secret).subarray(0, 8),
    createHmac('sha256', secret).update(Buffer.concat([label('vd1 invite use'), th, pk])).digest()]);
  const half = Buffer.concat([Buffer.from([3, 1]), pk, Buffer.from([proof.length ? 1 : 0, 0, proof.length]), proof, Buffer.alloc(2)]);
  const m3 = Buffer.concat([half, sign(null, Buffer.concat([spaces, label('vd1 client auth'), sha(th, u32(half.length), half)]), sk)]);
  th = sha(th, u32(m3.length), m3);
  send(2, m3);
}
function ready(m4) {
  need(m4.length === 138 && m4[0] === 4 && m4[1] !== 1, 'refused');
  need(m4.subarray(2, 18).equals(th.subarray(0, 16)), 'session id');
  need(verify(null, Buffer.concat([label('vd1 head'), vaultId, myId, m4.subarray(26, 74)]), vaultKey, m4.subarray(74)), 'head');
  if (m4[1] === 2) return console.log('vf1:' + base32(myId));
  console.log('R ready');
  return send(1, Buffer.from('{"jsonrpc":"2.0","id":"who","method":"session.info"}'));
}
function message(opcode, data) {
  if (step < 2) return step++ === 0 ? challenge(data) : ready(data);
  if (opcode === 2) return console.log('B ' + data.toString('base64'));
  const got = JSON.parse(data);
  return got.id === 'who' ? talk(got.result.receipt.id) : console.log('T ' + data);
}
// ---- the session ----
function signed(terms, aud) { // section 8.1 and 8.2
  const kid = sha(Buffer.from(`{"crv":"Ed25519","kty":"OKP","x":"${jwk.x}"}`)).toString('base64url');
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = part({ alg: 'Ed25519', typ: 'vault-request+jwt', kid }) + '.' + part({ v: 1, jti: ulid(),
    iss: 'vf1:' + base32(myId), aud, iat: Math.floor(Date.now() / 1000), ...terms });
  return text + '.' + sign(null, Buffer.from(text), sk).toString('base64url');
}
function talk(aud) {
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    const call = JSON.parse(line);
    if (call.params && call.params.terms) call.params = { request: signed(call.params.terms, aud) };
    send(1, Buffer.from(JSON.stringify(call)));
  });
  lines.on('close', () => send(8, Buffer.from([3, 232])));
}
