// Who may talk to the editor's server: whoever knows its token, from this machine, and no web page but its own. The
// server by itself answers some addresses without a token, and asks a WebSocket for it only after it is open.
const { createHash, timingSafeEqual } = require('node:crypto');

const COOKIE = 'vscode-tkn';
const LOOPBACK = /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/i;

/**
 * Why a request is refused; undefined when it may pass.
 * @param request method, url and headers, as Node has read them
 * @param token what is demanded
 */
function refusal({ method, url, headers }, token) {
  const { host, origin } = headers;
  // A page that made its own name point to 127.0.0.1 (DNS rebinding) still sends that name.
  if (host === undefined || !LOOPBACK.test(host)) return 'The Host header names no loopback address.';
  if (origin !== undefined && origin !== `http://${host}`) return 'Requests of other web pages are refused.';
  const query = queryOf(url);
  if (query === undefined) return 'The address cannot be read.';
  const given = query.get('tkn');
  // Cookies know no port: another server on this machine may have a page that sends ours.
  if (isFromElsewhere(headers) && !(isLink({ method, headers }) && given !== null))
    return 'Requests of other web pages are refused.';
  return isToken(given ?? cookie(headers.cookie), token)
    ? undefined
    : 'Open the address that the start of this editor printed.';
}

function isFromElsewhere(headers) {
  const site = headers['sec-fetch-site'];
  return site !== undefined && site !== 'same-origin' && site !== 'none';
}

function isLink({ method, headers }) {
  return method === 'GET' && headers['sec-fetch-dest'] === 'document';
}

function queryOf(url) {
  try {
    return new URL(url, 'http://localhost').searchParams;
  } catch {
    return undefined;
  }
}

function cookie(header = '') {
  for (const part of header.split(';')) {
    const [name, value] = part.trim().split('=', 2);
    if (name === COOKIE) return value;
  }
  return undefined;
}

/** Takes as long for a wrong one as for the right one. */
function isToken(given, token) {
  const digest = (text) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given ?? ''), digest(token)) && token !== '';
}

module.exports = { refusal, isFromElsewhere };
