// Says what runs it, and which addresses of the controller it reaches: a line of JSON for each finding, as soon as it
// is known. Node gets it as an argument: to load the whole agent for this would take a slow device a second and more.
// Standard input: the addresses, as JSON; `word` proves to whoever listens there who came.
'use strict';
const { readFileSync, writeSync } = require('node:fs');
const { connect } = require('node:net');
const { availableParallelism } = require('node:os');

// For one address.
const REACH_MS = 4000;
const MAX_ANSWER_CHARACTERS = 64;

function say(finding) {
  writeSync(1, JSON.stringify(finding) + '\n');
}

// Whether whoever listens there is the one that gave us the word.
function reachable({ host, port, word }) {
  return new Promise((resolve) => {
    let askedMs = performance.now();
    let answer = '';
    const end = (reason) => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ type: 'reach', host, port, tookMs: performance.now() - askedMs, reason });
    };
    const timer = setTimeout(() => end(`no answer within ${REACH_MS / 1000} s`), REACH_MS);
    const socket = connect({ host, port }, () => {
      askedMs = performance.now();
      socket.write(`${word}\n`);
    });
    socket.setEncoding('utf8');
    socket.on('error', (error) => end(error.code ?? error.message));
    socket.on('data', (text) => {
      answer += text;
      if (answer.endsWith('\n')) end(answer === 'heard\n' ? undefined : 'someone else listens there');
      else if (answer.length > MAX_ANSWER_CHARACTERS) end('someone else listens there');
    });
    socket.on('end', () => end('someone else listens there'));
  });
}

const wanted = JSON.parse(readFileSync(0, 'utf8'));
const { arch: architecture, platform } = process;
say({ type: 'started', node: process.versions.node, architecture, platform, cores: availableParallelism() });
Promise.all(wanted.map(async (address) => say(await reachable(address)))).then(() => process.exit(0));
