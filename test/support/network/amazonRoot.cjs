// Preloaded (NODE_OPTIONS): Amazon Root CA 1 of this Node is the one in AMAZON_ROOT, since no test can sign for the real
// one. All other roots of Node stay.
const Module = require('node:module');
const { readFileSync } = require('node:fs');

const pem = readFileSync(process.env.AMAZON_ROOT, 'utf8');
const load = Module._load;
let own;
Module._load = function (name, ...rest) {
  const loaded = load.call(this, name, ...rest);
  if (name !== 'tls' && name !== 'node:tls') return loaded;
  own ??= Object.create(loaded, {
    rootCertificates: { value: Object.freeze([pem]), enumerable: true },
    getCACertificates: { value: undefined },
  });
  return own;
};
