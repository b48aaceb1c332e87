// A firm for tests that want to say each message themselves.
//
// node node_firm.mjs KEYFILE enrol 'vault://host:port/ID#TOKEN'
//   spends the invitation, prints the firm's id; makes KEYFILE if need be
// node node_firm.mjs KEYFILE talk 'vd1:ID@host:port'
//   a session: lines of stdin go out as text messages (a request whose params
//   hold `terms` is signed as request.submit first); prints "R ready", then
//   "T text", "B base64" for each message, "C code reason" at its end
import { createInterface } from 'node:readline';

import { Session, TEXT, identity } from './wire/session.mjs';
import { signedRequest } from './wire/signed.mjs';

const [, , keyFile, , place] = process.argv;
const me = identity(keyFile);

function talk(aud) {
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    const call = JSON.parse(line);
    if (call.params && call.params.terms) call.params = { request: signedRequest(call.params.terms, me, aud) };
    session.send(TEXT, Buffer.from(JSON.stringify(call)));
  });
  lines.on('close', () => session.close());
}
const session = new Session(place, me, {
  ready(status) {
    if (status === 2) { console.log(me.text); return; }
    console.log('R ready');
    session.send(TEXT, Buffer.from('{"jsonrpc":"2.0","id":"who","method":"session.info"}'));
  },
  message(opcode, data) {
    if (opcode !== TEXT) { console.log('B ' + data.toString('base64')); return; }
    const got = JSON.parse(data);
    if (got.id === 'who') talk(got.result.receipt.id);
    else console.log('T ' + data);
  },
  closed(code, words) {
    console.log(`C ${code} ${words}`);
    process.exit(0);
  },
});
