// Decisions of Cedar, and of casbin, line by line: cedar.py and
// tests/bench/peers.py write questions and read answers.
//
//     node cedar.mjs FOLDER
//
// FOLDER has node_modules with @cedar-policy/cedar-wasm, and casbin for the
// messages about it.  A message is a line of JSON; each has an answer of one.
//
//     {policies}            the set of the questions that follow
//     {ask: [question...]}  "allow" or "deny" of each
//     {spend: n}            nanoseconds of a decision, by n over the questions
//                           that were asked last
//     {casbin: {model, rules, groups}}, {enforce: [question...]},
//     {casbinSpend: n}      the same of casbin
//     {versions}
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.argv[2];
const require = createRequire(join(folder, 'anything.js'));
const cedar = require('@cedar-policy/cedar-wasm/nodejs');
const SET = 'set';

let asked = [];
let policies = {};

function need(answer) {
  if (answer.type !== 'success') {
    throw new Error(JSON.stringify(answer.errors));
  }
  return answer;
}

function apply(found) {
  policies = found;
  need(cedar.preparsePolicySet(SET, { staticPolicies: found }));
}

function decide(question) {
  const { response } = need(cedar.statefulIsAuthorized({
    ...question, preparsedPolicySetId: SET, validateRequest: false,
  }));
  if (response.diagnostics.errors.length > 0) {
    throw new Error(JSON.stringify(response.diagnostics.errors));
  }
  return response.decision;
}

function spend(count) {
  const begun = process.hrtime.bigint();
  for (let i = 0; i < count; i++) {
    decide(asked[i % asked.length]);
  }
  return Number(process.hrtime.bigint() - begun) / count;
}

// ---- casbin ----

let enforcer = null;
let enforced = [];

async function makeEnforcer({ model, rules, groups }) {
  const { newEnforcer, newModelFromString } = require('casbin');
  enforcer = await newEnforcer(newModelFromString(model));
  await enforcer.addPolicies(rules);
  for (const [name, pairs] of Object.entries(groups)) {
    await enforcer.addNamedGroupingPolicies(name, pairs);
  }
  return 'ok';
}

const enforce = (question) => enforcer.enforceSync(...question);

function casbinSpend(count) {
  const begun = process.hrtime.bigint();
  for (let i = 0; i < count; i++) {
    enforce(enforced[i % enforced.length]);
  }
  return Number(process.hrtime.bigint() - begun) / count;
}

// ---- messages ----

function versionOf(name) {
  const path = join(folder, 'node_modules', name, 'package.json');
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf-8')).version
                          : null;
}

const MESSAGES = {
  policies: (found) => { apply(found); return 'ok'; },
  ask: (questions) => { asked = questions; return questions.map(decide); },
  spend,
  casbin: makeEnforcer,
  enforce: (questions) => {
    enforced = questions;
    return questions.map((one) => (enforce(one) ? 'allow' : 'deny'));
  },
  casbinSpend,
  versions: () => ({ node: process.version, casbin: versionOf('casbin'),
                     cedar: versionOf('@cedar-policy/cedar-wasm') }),
};

for await (const line of createInterface({ input: process.stdin })) {
  const [name, value] = Object.entries(JSON.parse(line))[0];
  process.stdout.write(`${JSON.stringify(await MESSAGES[name](value))}\n`);
}
