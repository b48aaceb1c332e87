// What npm's jose says of signed things.
//
// usage: node receipt_jose.mjs FOLDER
//
// FOLDER/node_modules has jose.  A line of stdin is {key, jws, general}: the
// public key as 32 bytes in base64url, and a compact JWS or one in JSON with
// several signatures.  The line that answers: {ok, header, payload, kid} (kid
// is the thumbprint of the key), or {ok: false, code}.
import { createInterface } from 'node:readline';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const require = createRequire(join(resolve(process.argv[2]), 'x.js'));
const jose = await import(pathToFileURL(require.resolve('jose')));
const allowed = { algorithms: ['Ed25519', 'EdDSA'] };

async function answer({ key, jws, general }) {
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: key };
    const pk = await jose.importJWK(jwk, 'Ed25519');
    const got = general ? await jose.generalVerify(general, pk, allowed)
                        : await jose.compactVerify(jws, pk, allowed);
    return { ok: true, header: got.protectedHeader,
             payload: Buffer.from(got.payload).toString(),
             kid: await jose.calculateJwkThumbprint(jwk) };
}

for await (const line of createInterface({ input: process.stdin })) {
    let said;
    try {
        said = await answer(JSON.parse(line));
    } catch (error) {
        said = { ok: false, code: error.code ?? String(error) };
    }
    console.log(JSON.stringify(said));
}
