// What is signed and logged, written from sdk/wire/WIRE.md, sections 8 and 9,
// with Node's built-ins: requests and receipts, entries, proofs, checkpoints.
import { createHmac, randomBytes, sign, verify } from 'node:crypto';

import { base32, label, publicKey, sha } from './session.mjs';

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
export function ulid() {
  let n = (BigInt(Date.now()) << 80n) | BigInt('0x' + randomBytes(10).toString('hex')), out = '';
  for (; out.length < 26; n >>= 5n) out = CROCKFORD[Number(n & 31n)] + out;
  return out;
}
export function ulidBytes(text) {
  let n = 0n;
  for (const c of text.toUpperCase()) n = n * 32n + BigInt(CROCKFORD.indexOf(c));
  return Buffer.from(n.toString(16).padStart(32, '0'), 'hex');
}
const check = (holds, what) => { if (!holds) throw new Error(what); };

// ---- JWS (section 8.1) ----
const thumbprint = (pk) => sha(Buffer.from(
  `{"crv":"Ed25519","kty":"OKP","x":"${pk.toString('base64url')}"}`)).toString('base64url');
export function jws(typ, payload, me) {
  const header = Buffer.from(JSON.stringify({ alg: 'Ed25519', typ, kid: thumbprint(me.pk) }));
  const text = header.toString('base64url') + '.' + payload.toString('base64url');
  return text + '.' + sign(null, Buffer.from(text), me.sk).toString('base64url');
}
export function opened(text, typ, pk) { // the payload's bytes
  const parts = text.split('.').map((part) => Buffer.from(part, 'base64url'));
  check(parts.length === 3 && parts.map((p) => p.toString('base64url')).join('.') === text, typ + ': three parts');
  const header = JSON.parse(parts[0]);
  check(Object.keys(header).sort().join() === 'alg,kid,typ' && ['Ed25519', 'EdDSA'].includes(header.alg)
    && header.typ === typ, typ + ': header');
  check(header.kid === thumbprint(pk), typ + ': another key');
  check(verify(null, Buffer.from(text.slice(0, text.lastIndexOf('.'))), publicKey(pk), parts[2]), typ + ': signature');
  return parts[1];
}
export const signedRequest = (terms, me, aud) => jws('vault-request+jwt', Buffer.from(JSON.stringify({ v: 1, jti: ulid(),
  iss: me.text, aud, iat: Math.floor(Date.now() / 1000), ...terms })), me);

// ---- the log (section 9) ----
const node = (left, right) => sha(Buffer.from([1]), left, right);
export function checkpoint(text, pk) {
  const [origin, size, root, empty, line, end, ...more] = text.split('\n');
  const [dash, name, blob] = line.split(' ');
  const bytes = Buffer.from(blob, 'base64'), signed = Buffer.from(`${origin}\n${size}\n${root}\n`);
  check(empty === '' && end === '' && more.length === 0 && dash === '—' && name === origin, 'checkpoint: form');
  check(bytes.subarray(0, 4).equals(sha(Buffer.from(origin + '\n'), Buffer.from([1]), pk).subarray(0, 4))
    && verify(null, signed, publicKey(pk), bytes.subarray(4)), 'checkpoint: signature');
  return { origin, size: Number(size), root: Buffer.from(root, 'base64') };
}
export function entryOf(entry, salt, detail) {
  const mac = createHmac('sha256', salt).update(Buffer.concat([label('vd1 audit detail'), detail])).digest();
  check(entry.length === 80 && entry[0] === 1 && entry.readUInt16BE(2) === 0, 'entry: form');
  check(entry.subarray(48).equals(mac), 'entry: commitment');
  return { type: entry[1], index: Number(entry.readBigUInt64BE(8)), subject: entry.subarray(24, 40), detail: JSON.parse(detail) };
}
// Root of the tree that the path leads to, and of its first `index` entries.
function fold(leaf, index, size, path) {
  let [fn, sn, r, before] = [index, size - 1, leaf, null];
  check(index < size, 'proof: index');
  for (const p of path) {
    check(sn > 0, 'proof: too long');
    if (fn % 2 === 1 || fn === sn) {
      r = node(p, r);
      before = before ? node(p, before) : p;
      while (fn % 2 === 0 && fn > 0) [fn, sn] = [fn / 2, Math.floor(sn / 2)];
    } else r = node(r, p);
    [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  }
  check(sn === 0, 'proof: too short');
  return { root: r, before: before ?? sha() };
}
function proved(text, pk) {
  const [head, tail] = text.split(/\n\n([^]*)/);
  const [magic, extra, at, ...path] = head.split('\n');
  const bytes = Buffer.from(extra.replace(/^extra /, ''), 'base64');
  check(magic === 'c2sp.org/tlog-proof@v1' && extra.startsWith('extra ') && at.startsWith('index '), 'proof: form');
  const entry = entryOf(bytes.subarray(0, 80), bytes.subarray(80, 112), bytes.subarray(112));
  const top = checkpoint(tail, pk);
  const folded = fold(sha(Buffer.from([0]), bytes.subarray(0, 80)), Number(at.slice(6)), top.size,
    path.map((p) => Buffer.from(p, 'base64')));
  check(entry.index === Number(at.slice(6)) && folded.root.equals(top.root), 'proof: root');
  return { entry, top, before: folded.before };
}
// A release: what `audit` says of the message that carries the page.
export function evidence(audit, page, grant, pk, origin) {
  const entry = entryOf(Buffer.from(audit.entry, 'base64'), Buffer.from(audit.salt, 'base64'), Buffer.from(audit.detail));
  const top = checkpoint(audit.checkpoint, pk);
  check(entry.index === audit.index && top.size > entry.index && top.origin === origin, 'evidence: place');
  check(entry.subject.equals(ulidBytes(grant)) && entry.detail.grant === grant, 'evidence: grant');
  if (entry.type === 5) check(entry.detail.sha256 === sha(page).toString('hex')
    && entry.detail.bytes === page.length, 'evidence: page');
  else check(entry.type === 6, 'evidence: type');
}

// ---- receipts, offline (section 8.4) ----
const IN_FORCE = ['given', 'renewed', 'resumed', 'narrowed', 'admitted'];
export function verifyReceipts(answer, me, pk, now) {
  let before = null, seq = 0, last;
  for (const { receipt, proof, countersignature } of answer.receipts) {
    const payload = opened(receipt, 'vault-receipt+jwt', pk), claims = last = JSON.parse(payload);
    check(claims.aud === me.text && claims.grant === answer.grant && ++seq === claims.seq, 'receipt: claims');
    check(claims.iss === 'vr1:' + base32(sha(Buffer.from('vd1 receipt id'), pk)), 'receipt: issuer');
    check(claims.prev === before, 'receipt: prev');
    before = sha(payload).toString('hex');
    const { entry, top, before: root } = proved(proof, pk);
    check(entry.index === claims.log.size && entry.detail.receipt === before, 'receipt: its entry');
    check(top.origin === claims.log.origin && root.toString('base64') === claims.log.root, 'receipt: log');
    if (countersignature) check(opened(countersignature, 'vault-countersign+jwt', me.pk).equals(payload), 'countersignature');
  }
  const status = JSON.parse(opened(answer.status, 'vault-status+jwt', pk));
  check(status.grant === answer.grant, 'status: grant');
  return { event: last.event, payload: before, inForce: IN_FORCE.includes(last.event) && last.nbf <= now && now < last.exp
    && (now < last.fresh_until || (status.state === 'active' && now < status.fresh_until)) };
}
