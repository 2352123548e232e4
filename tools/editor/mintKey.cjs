// The browser encrypts its secrets with a key from the server, which it requests with POST /mint-key. This server does
// not implement that request, and without an answer every secret is lost on a reload.
const { randomBytes } = require('node:crypto');
const { readFileSync, writeFileSync } = require('node:fs');

/** Answers when the key is asked for, and says whether it did. The key is stored in the file. */
function mintKey(request, response, file) {
  if (request.method !== 'POST' || !/\/mint-key(\?|$)/.test(request.url)) return false;
  response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(keyIn(file));
  return true;
}

function keyIn(file) {
  try {
    return readFileSync(file);
  } catch {
    const fresh = randomBytes(32);
    writeFileSync(file, fresh, { mode: 0o600 });
    return fresh;
  }
}

module.exports = { mintKey };
