// A firm's whole life with a vault, as its own program: enrols, asks, reads,
// listens, and verifies what it was given.
//
// node firm.mjs KEYFILE enrol 'vault://host:port/ID#TOKEN'
// node firm.mjs KEYFILE live 'vd1:ID@host:port' TERMS.json FROM TO
//   prints a JSON object a line for each step, until its grant ends
import { readFileSync } from 'node:fs';

import { blockRows } from './block.mjs';
import { BINARY, Session, TEXT, identity } from './session.mjs';
import { evidence, jws, opened, signedRequest, ulid, verifyReceipts } from './signed.mjs';

const [, , keyFile, verb, place, termsFile, from, to] = process.argv;
const me = identity(keyFile);
const say = (what, value) => console.log(JSON.stringify({ [what]: value }, (_, v) => typeof v === 'bigint' ? String(v) : v));
const waits = new Map(), heads = new Map(), readings = new Map();
let next = 1, grantChanged = () => {}, pk, origin;

function call(method, params) {
  const id = next++;
  session.send(TEXT, Buffer.from(JSON.stringify({ jsonrpc: '2.0', id, method, params })));
  return new Promise((resolve, reject) => waits.set(id, { resolve, reject, method }));
}
const tell = (method, params) => session.send(TEXT, Buffer.from(JSON.stringify({ jsonrpc: '2.0', method, params })));

// ---- pages: in order, each with its entry of the log, whole at FINAL ----
function page({ kind, ref, seq, final, ordinal, rows }, bytes) {
  const reading = readings.get(`${kind} ${ref}`);
  if (!reading) return;
  if (seq !== ++reading.seq) throw new Error('a page is missing');
  const audit = heads.get(`${ref} ${seq}`);
  if (audit) evidence(audit, bytes, reading.grant, pk, origin);
  else if (!reading.span) throw new Error('a page without its entry');
  reading.span = kind === 3;
  heads.delete(`${ref} ${seq}`);
  tell('flow.credit', { ref, pages: 1 });
  const ids = reading.series.find((one) => one.ordinal === ordinal)?.columns.map((column) => column.id);
  // A row of a block has cells by the columns' ids; one in JSON is a list already.
  reading.take(rows.map((row) => Array.isArray(row) ? row : [row.time, ...ids.map((id) => row.cells[id] ?? null)]), final, seq);
}
function onBinary(data) {
  const [version, kind] = data, flags = data.readUInt16LE(2);
  if (version !== 1 || data.readUInt32LE(4) !== 0) throw new Error('frame');
  page({ kind, ref: Number(data.readBigUInt64LE(8)), seq: Number(data.readBigUInt64LE(16)), final: (flags & 1) === 1,
    ...blockRows(data.subarray(24)) }, data);
}
function onText(data) {
  const { id, method, params, result, error, audit } = JSON.parse(data);
  if (method === 'audit.head') heads.set(`${params.ref} ${params.seq}`, params);
  else if (method === 'grant.changed') grantChanged(params);
  else if (method === 'data.page') page({ kind: 2, ...params }, data);
  if (method) return;
  const wait = waits.get(id);
  waits.delete(id);
  if (error) { wait.reject(Object.assign(new Error(error.message), error.data)); return; }
  if (audit) heads.set(`${audit.ref} ${audit.seq}`, audit);
  // Before its pages, which may be in the same read.
  if (wait.method === 'data.query') readings.set(`2 ${id}`, wait.reading = { seq: 0 });
  if (wait.method === 'data.subscribe') readings.set(`3 ${result.subscription}`, wait.reading = { seq: 0 });
  if (wait.reading) Object.assign(wait.reading, { grant: state.grant, series: result.series, early: [], take: (...one) => wait.reading.early.push(one) });
  wait.resolve({ ...result, reading: wait.reading });
}
function pages(reading, take) { // what came meanwhile first
  reading.take = take;
  reading.early.forEach((one) => take(...one));
}
const query = async (form) => {
  const { reading } = await call('data.query', { grant: state.grant, streams: ['**'], from, to, form });
  const rows = [];
  await new Promise((done) => pages(reading, (more, final) => { rows.push(...more); if (final) done(); }));
  return rows;
};

// ---- the life ----
const state = {};
async function verified() {
  const answer = await call('grant.receipt', { grant: state.grant, from: 1 });
  return { ...verifyReceipts(answer, me, pk, Date.now() / 1000), count: answer.receipts.length, answer };
}
async function live() {
  const info = await call('session.info');
  pk = Buffer.from(info.receipt.key, 'base64url');
  origin = info.head.origin;
  say('pinned', info.receipt.key);
  const granted = new Promise((done) => { grantChanged = done; });
  const asked = await call('request.submit', { request: signedRequest(JSON.parse(readFileSync(termsFile)), me, info.receipt.id) });
  say('asked', asked.request);
  state.grant = (await granted).grant;
  const ended = new Promise((done) => { grantChanged = done; });
  const { answer, ...given } = await verified();
  const payload = opened(answer.receipts[0].receipt, 'vault-receipt+jwt', pk);
  await call('grant.countersign', { grant: state.grant, seq: 1, countersignature: jws('vault-countersign+jwt', payload, me) });
  say('granted', { grant: state.grant, ...given });
  say('blocks', await query('blocks'));
  say('json', await query('json'));
  const { subscription, reading } = await call('data.subscribe', { grant: state.grant, streams: ['**'] });
  pages(reading, (rows, _, seq) => { say('live', rows); call('data.ack', { subscription, seq }).catch(() => {}); });
  say('listens', subscription);
  const { reason } = await ended;
  say('ended', reason);
  const refusal = await query('blocks').catch((e) => e.reason);
  say('refused', refusal);
  say('receipts', await verified());
  say('again', (await call('request.withdraw', { request: asked.request, idem: ulid() }).catch((e) => e.reason)));
  session.close();
}
const session = new Session(place, me, {
  ready(status) {
    if (verb === 'enrol') { console.log(me.text, status); return; }
    live().catch((e) => { console.error(e); process.exit(1); });
  },
  message: (opcode, data) => opcode === BINARY ? onBinary(data) : onText(data),
  closed(code, words) {
    if (verb === 'live') say('closed', [code, words]);
    process.exit(0);
  },
});
