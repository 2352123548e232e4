// Loaded into the editor's server before anything else. The browser encrypts its secrets with a key from the server,
// which it requests with POST /mint-key. This server does not implement that request, and without an answer every
// secret is lost on a reload. The key is stored in the file that CMS_EDITOR_KEY names.
const { randomBytes } = require('node:crypto');
const { readFileSync, writeFileSync } = require('node:fs');
const { Server } = require('node:http');
const path = require('node:path');

const file = process.env.CMS_EDITOR_KEY;
// Child processes inherit the option that loads this file.
if (file !== undefined && path.basename(process.argv[1] ?? '') === 'server-main.js') {
  const { emit } = Server.prototype;
  Server.prototype.emit = function (event, request, response, ...rest) {
    if (event !== 'request' || request.method !== 'POST' || !/\/mint-key(\?|$)/.test(request.url))
      return emit.call(this, event, request, response, ...rest);
    response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(key());
    return true;
  };
}

function key() {
  try {
    return readFileSync(file);
  } catch {
    const fresh = randomBytes(32);
    writeFileSync(file, fresh, { mode: 0o600 });
    return fresh;
  }
}
