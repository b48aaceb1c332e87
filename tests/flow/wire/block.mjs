// A block's rows, written from sdk/wire/WIRE.md, section 4.1, with Node's
// built-ins; frames of zstd by the program of that name.
//
// blockRows(frame) is [{ time (BigInt ns), cells: { column id: value } }…].
import { spawnSync } from 'node:child_process';

const WORD = (1n << 64n) - 1n;
const check = (holds, what) => { if (!holds) throw new Error('block: ' + what); };
const unzigzag = (x) => (x >> 1n) ^ (x & 1n ? WORD : 0n);
const little = (bytes) => bytes.reduceRight((n, b) => n << 8n | BigInt(b), 0n);
const double = (word) => { const b = Buffer.alloc(8); b.writeBigUInt64LE(word); return b.readDoubleLE(); };

class Reader {
  constructor(bytes) { this.bytes = bytes; }
  take(n) {
    check(n <= this.bytes.length, 'cut short');
    const got = this.bytes.subarray(0, n);
    this.bytes = this.bytes.subarray(n);
    return got;
  }
  number(n) { return Number(little(this.take(n))); }
  word() { return little(this.take(8)); }
  end() { check(this.bytes.length === 0, 'bytes left over'); }
  bits(n) {
    const bytes = this.take(Math.ceil(n / 8));
    return Array.from({ length: n }, (_, i) => bytes[i >> 3] >> (i & 7) & 1);
  }
  pack(count) {
    const out = [];
    while (out.length < count) {
      const m = Math.min(128, count - out.length), w = BigInt(this.number(1));
      check(w <= 56n || w === 64n, 'width');
      const all = little(this.take(Math.ceil(m * Number(w) / 8)));
      for (let j = 0n; j < m; j++) out.push(all >> j * w & ((1n << w) - 1n));
    }
    return out;
  }
}

function zstd(bytes, size) {
  const done = spawnSync('zstd', ['-d', '-c'], { input: bytes, maxBuffer: 1 << 24 });
  check(done.status === 0 && done.stdout.length === size, 'zstd');
  return done.stdout;
}
function times(r, coding, unit, rows, t0) {
  const steps = coding === 1 ? Array(rows - 1).fill(r.word()) : coding === 2 ? [r.word()] : coding === 3 ? [r.word()] : [];
  if (coding === 2) { const [base] = steps.splice(0); steps.push(...r.pack(rows - 1).map((x) => base + x & WORD)); }
  if (coding === 3) for (const x of r.pack(rows - 2)) steps.push(steps.at(-1) + unzigzag(x) & WORD);
  const out = rows > 0 ? [t0] : [];
  for (const step of steps) out.push(out.at(-1) + BigInt.asIntN(64, step) * unit);
  return out;
}
function integers(r, coding, n) {
  const out = [r.word()];
  if (coding === 2) { const [base] = out.splice(0); return r.pack(n).map((x) => base + x & WORD); }
  for (const x of r.pack(n - 1)) out.push(out.at(-1) + unzigzag(x) & WORD);
  return out;
}
function doubles(r, coding, n, scale, patched) {
  if (coding === 4) {
    const planes = zstd(r.take(r.bytes.length), 8 * n);
    let last = 0n;
    return Array.from({ length: n }, (_, i) => double(last ^= little(Buffer.from([0, 1, 2, 3, 4, 5, 6, 7].map((p) => planes[p * n + i])))));
  }
  const out = integers(r, coding, n).map((m) => Number(BigInt.asIntN(64, m)) / 10 ** scale);
  for (let count = patched ? r.number(4) : 0; count > 0; count--) out[r.number(4)] = double(r.word());
  return out;
}
function strings(r, n, squeezed) {
  const lengths = r.pack(n).map(Number);
  const size = lengths.reduce((a, b) => a + b, 0);
  const from = squeezed ? new Reader(zstd(r.take(r.bytes.length), size)) : r;
  return lengths.map((len) => from.take(len).toString());
}
function texts(r, coding, n) {
  if (coding < 3) return strings(r, n, coding === 2);
  const words = strings(r, r.number(2), false);
  return r.pack(n).map((i) => words[i]);
}
function values(r, { type, coding, scale, flags }, n) {
  if (type === 2) return coding === 1 ? r.bits(n).map(Boolean) : Array(n).fill(r.number(1) === 1);
  if (type > 2) return texts(r, coding, n).map((text) => type === 4 ? JSON.parse(text) : text);
  const words = coding === 0 ? Array(n).fill(r.word()) : coding === 3 ? Array.from({ length: n }, () => r.word()) : null;
  if (type === 1) return (words ?? integers(r, coding, n)).map((x) => BigInt.asIntN(64, x));
  return words ? words.map(double) : doubles(r, coding, n, scale, flags & 2);
}

export function blockRows(frame) {
  const r = new Reader(frame), head = r.take(24);
  check(head[0] === 0xb1 && head[1] === 0, 'head');
  const rows = head.readUInt32LE(4), unit = 10n ** BigInt(head[3] >> 4);
  const entries = Array.from({ length: head[2] }, () => r.take(8)).map((e) => ({ id: e[0], type: e[1] >> 4,
    coding: e[1] & 15, scale: e[2], flags: e[3], length: e.readUInt32LE(4) }));
  const at = new Reader(r.take(head.readUInt32LE(16)));
  const out = times(at, head[3] & 15, unit, rows, head.readBigInt64LE(8)).map((time) => ({ time, cells: {} }));
  at.end();
  for (const entry of entries) {
    const payload = new Reader(r.take(entry.length));
    const there = entry.flags & 1 ? payload.bits(rows) : Array(rows).fill(1);
    const n = there.reduce((a, b) => a + b, 0), got = n > 0 ? values(payload, entry, n) : [];
    payload.end();
    out.forEach((row, i) => { if (there[i]) row.cells[entry.id] = got.shift(); });
  }
  r.end();
  return { ordinal: head.readUInt32LE(20), rows: out };
}
