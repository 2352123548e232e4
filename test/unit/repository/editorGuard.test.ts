import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

const { refusal } = createRequire(import.meta.filename)('../../../tools/editor/guard.cjs') as {
  refusal: (
    request: { method: string; url: string; headers: Record<string, string> },
    token: string,
  ) => string | undefined;
};

const TOKEN = 'a1b2c3';
const HOST = '127.0.0.1:8642';
const cookie = `other=1; vscode-tkn=${TOKEN}`;

interface Asked {
  method?: string;
  url?: string;
  headers?: Record<string, string>;
}

const ask = ({ method = 'GET', url = '/', headers = {} }: Asked): string | undefined =>
  refusal({ method, url, headers: { host: HOST, ...headers } }, TOKEN);

describe('The guard of the editor in the browser', () => {
  const passes: Record<string, Asked> = {
    'the printed address': { url: `/?tkn=${TOKEN}&folder=/x` },
    'the printed address, typed': { url: `/?tkn=${TOKEN}`, headers: { 'sec-fetch-site': 'none' } },
    'the printed address, behind a link': {
      url: `/?tkn=${TOKEN}`,
      headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'document' },
    },
    'the cookie': { url: '/static/x.js', headers: { cookie, 'sec-fetch-site': 'same-origin' } },
    'the page itself': { method: 'POST', url: '/mint-key', headers: { cookie, origin: `http://${HOST}` } },
    'another name of this machine': { headers: { cookie, host: 'localhost:8642' } },
  };
  for (const [what, asked] of Object.entries(passes))
    it(`lets through ${what}`, () => {
      assert.equal(ask(asked), undefined);
    });

  const refused: Record<string, Asked> = {
    'who knows nothing': {},
    'who knows the wrong token': { url: '/?tkn=a1b2c4', headers: { cookie: 'vscode-tkn=a1b2c4' } },
    'an empty token': { url: '/?tkn=', headers: { cookie: 'vscode-tkn=' } },
    'a wrong token in the address beside the right cookie': { url: '/?tkn=x', headers: { cookie } },
    'the token in the wrong cookie': { headers: { cookie: `xvscode-tkn=${TOKEN}` } },
    'the address that tells the version': { url: '/version' },
    'the address that keeps the server running': { url: '/delay-shutdown' },
    'the key of the secrets': { method: 'POST', url: '/mint-key' },
    'an address that cannot be read': { url: '//', headers: { cookie } },
    'a foreign name (rebinding)': { headers: { cookie, host: 'attacker.example:8642' } },
    'a name that begins like ours': { headers: { cookie, host: '127.0.0.1.attacker.example' } },
    'a page of another origin': { headers: { cookie, origin: 'https://attacker.example' } },
    'a page of another port': { headers: { cookie, origin: 'http://127.0.0.1:8080' } },
    'a page of another name of this machine': { headers: { cookie, origin: 'http://localhost:8642' } },
    'a page without an origin': { headers: { cookie, origin: 'null' } },
    'an image in a page of another port': {
      headers: { cookie, 'sec-fetch-site': 'same-site', 'sec-fetch-dest': 'image' },
    },
    'a frame in a page of another port': {
      url: `/?tkn=${TOKEN}`,
      headers: { 'sec-fetch-site': 'same-site', 'sec-fetch-dest': 'iframe' },
    },
    'a link of another page to a folder of its choice': {
      url: '/?folder=/somewhere/else',
      headers: { cookie, 'sec-fetch-site': 'same-site', 'sec-fetch-dest': 'document' },
    },
  };
  for (const [what, asked] of Object.entries(refused))
    it(`refuses ${what}`, () => {
      assert.equal(typeof ask(asked), 'string');
    });

  it('refuses a request without a Host', () => {
    assert.equal(typeof refusal({ method: 'GET', url: `/?tkn=${TOKEN}`, headers: {} }, TOKEN), 'string');
  });

  it('lets nobody in when it knows no token', () => {
    const request = { method: 'GET', url: '/?tkn=', headers: { host: HOST } };
    assert.equal(typeof refusal(request, ''), 'string');
  });
});
