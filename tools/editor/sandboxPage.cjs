// The editor in a browser takes an address of this computer for one of the server's machine: it asks this server for
// `/proxy/<port>/`, without the path, and the server has no such address. The only one that the extension opens is the
// page of the sandbox.
const PROXY = /^(?:\/[^?]*)?\/proxy\/(\d{1,5})\/$/;

/**
 * Sends a browser that was to open such an address to the page of the sandbox, on this computer; false for anything else.
 * @param request what the guard has let pass
 */
function sendToSandboxPage({ method, url, headers }, response) {
  const [, port] = PROXY.exec(url) ?? [];
  if (port === undefined || method !== 'GET' || headers['sec-fetch-dest'] !== 'document') return false;
  response.writeHead(302, {
    location: `http://127.0.0.1:${Number(port)}/_sandbox/ui`,
    'referrer-policy': 'no-referrer',
  });
  response.end();
  return true;
}

module.exports = { sendToSandboxPage };
