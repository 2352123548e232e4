// Loaded into the editor's server before anything else: no request reaches it that the guard refuses, and it gets an
// answer that it lacks.
const { readFileSync } = require('node:fs');
const { Server } = require('node:http');
const path = require('node:path');
const { isFromElsewhere, refusal } = require('./guard.cjs');
const { mintKey } = require('./mintKey.cjs');
const { sendToSandboxPage } = require('./sandboxPage.cjs');

const REQUESTS = new Set(['request', 'checkContinue', 'checkExpectation']);
const UPGRADES = new Set(['upgrade', 'connect']);

// Its children inherit the option that loads this file, and have no business here.
if (path.basename(process.argv[1] ?? '') === 'server-main.js') {
  const keyFile = process.env.CMS_EDITOR_KEY;
  delete process.env.CMS_EDITOR_KEY;
  const token = readFileSync(
    process.argv[process.argv.indexOf('--connection-token-file') + 1],
    'utf8',
  ).trim();
  const { emit } = Server.prototype;
  Server.prototype.emit = function (event, ...given) {
    if (!REQUESTS.has(event) && !UPGRADES.has(event)) return emit.call(this, event, ...given);
    const [request, other] = given;
    const reason = refusal(request, token);
    if (UPGRADES.has(event)) {
      if (reason === undefined) return emit.call(this, event, ...given);
      other.on('error', () => other.destroy());
      other.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    } else if (reason !== undefined) {
      other.writeHead(403, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
      other.end(`${reason}\n`);
    } else if (isFromElsewhere(request.headers)) {
      // The whole address was a link of another page: from here on the requests are those of a page of ours.
      other.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'referrer-policy': 'no-referrer' });
      other.end('<!doctype html><meta http-equiv="refresh" content="0">');
    } else if (!mintKey(request, other, keyFile) && !sendToSandboxPage(request, other)) {
      return emit.call(this, event, ...given);
    }
    return true;
  };
}
