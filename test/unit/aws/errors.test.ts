import assert from 'node:assert/strict';
import { isAwsError, toCmsError } from '../../../src/aws/errors.ts';
import { CmsError } from '../../../src/core/errors.ts';
import { l10n } from '../../../src/core/message.ts';
import { keepPlace } from '../../../src/network/place.ts';
import { ProxyFailure } from '../../../src/network/proxyFailure.ts';
import { english } from '../../../src/core/wording.ts';

function awsError(name: string, message = 'words', status = 400): Error {
  return Object.assign(new Error(message), {
    name,
    $metadata: { httpStatusCode: status, requestId: 'r-1' },
  });
}

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

const listing = l10n.t('listing stacks');

describe('errors of AWS calls', () => {
  const cases: [string, string][] = [
    ['ExpiredToken', 'CREDENTIALS_EXPIRED'],
    ['ExpiredTokenException', 'CREDENTIALS_EXPIRED'],
    ['MissingAuthenticationToken', 'CREDENTIALS_MISSING'],
    ['InvalidClientTokenId', 'ACCESS_DENIED'],
    ['UnrecognizedClientException', 'ACCESS_DENIED'],
    ['SignatureDoesNotMatch', 'ACCESS_DENIED'],
    ['RequestInTheFuture', 'ACCESS_DENIED'],
    ['RequestExpired', 'CREDENTIALS_EXPIRED'],
    ['AccessDenied', 'ACCESS_DENIED'],
    ['AccessDeniedException', 'ACCESS_DENIED'],
    ['Throttling', 'AWS_THROTTLED'],
    ['ThrottlingException', 'AWS_THROTTLED'],
    ['TooManyRequestsException', 'AWS_THROTTLED'],
    ['ValidationError', 'AWS_CALL_FAILED'],
  ];
  for (const [name, code] of cases) {
    it(`reads ${name} as ${code}`, () => {
      const error = toCmsError(awsError(name), l10n.t('creating a thing'));
      assert.equal(error.code, code);
      assert.match(error.message, /^Creating a thing failed: .*words/);
      assert.deepEqual(error.details, { awsCode: name, status: 400, requestId: 'r-1' });
    });
  }

  it('says that a clock is wrong, and by how much, when a signature is refused at another time', () => {
    const refusedAt = (offsetMinutes: number, name = 'SignatureDoesNotMatch') => {
      const date = new Date(Date.now() - offsetMinutes * 60_000).toUTCString();
      const error = awsError(name, 'Signature expired', 403);
      return toCmsError(Object.assign(error, { $response: { headers: { date } } }), listing).message;
    };
    assert.match(refusedAt(90), /the clock of this computer is (89|90) minutes ahead of AWS\.$/);
    assert.match(refusedAt(-10), /the clock of this computer is 10 minutes behind AWS\.$/);
    for (const name of ['RequestInTheFuture', 'RequestExpired', 'RequestTimeTooSkewed'])
      assert.match(refusedAt(90, name), /minutes ahead of AWS\.$/, name);
    // The keys are why.
    assert.equal(refusedAt(1), 'Listing stacks failed: Signature expired.');
  });

  it('finds the network error below an SDK error', () => {
    const inner = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    const error = toCmsError(new AggregateError([inner]), listing);
    assert.equal(error.code, 'ENDPOINT_UNREACHABLE');
    assert.equal(error.details.network, 'ECONNREFUSED');
    assert.equal(error.message, 'Cannot reach AWS while listing stacks: nothing is listening there.');
  });

  it('names host and proxy where they are known, and a proxy that is why only once', () => {
    const at = (error: object, proxy?: string) => {
      keepPlace(error, { host: 'iot.us-west-2.amazonaws.com', proxy });
      return toCmsError(error, listing);
    };
    const cut = () => Object.assign(new Error('x'), { code: 'ECONNRESET' });
    assert.equal(
      at(cut()).message,
      'Cannot reach iot.us-west-2.amazonaws.com while listing stacks: the connection was reset.',
    );
    const proxied = at(cut(), 'http://proxy.corp.test:3128');
    assert.equal(
      proxied.message,
      'Cannot reach iot.us-west-2.amazonaws.com through the proxy http://proxy.corp.test:3128 while listing stacks: the connection was reset.',
    );
    assert.equal(proxied.details.proxy, 'http://proxy.corp.test:3128');
    const target = { secure: true, host: 'iot.us-west-2.amazonaws.com', port: 443 };
    const refusal = new ProxyFailure('http://proxy.corp.test:3128', target, { status: 403 });
    assert.equal(
      at(refusal, 'http://proxy.corp.test:3128').message,
      'Cannot reach iot.us-west-2.amazonaws.com while listing stacks: the proxy http://proxy.corp.test:3128 does not allow it (403).',
    );
  });

  it('says that AWS throttles, and what helps', () => {
    const error = toCmsError(awsError('ThrottlingException', 'Rate exceeded.'), listing);
    assert.equal(error.message, 'Listing stacks failed: AWS is throttling requests (Rate exceeded).');
    assert.match(english(error.remedy ?? ''), /^Wait a minute and run it again.*--concurrency/);
  });

  it('says that a certificate is not trusted', () => {
    const error = toCmsError(Object.assign(new Error('x'), { code: 'SELF_SIGNED_CERT_IN_CHAIN' }), listing);
    assert.equal(error.code, 'ENDPOINT_UNREACHABLE');
    assert.match(english(error.remedy ?? ''), /CA file/);
  });

  it('reads an abort as cancelled', () => {
    assert.equal(toCmsError(named('AbortError', 'Request aborted'), listing).code, 'CANCELLED');
  });

  it('says that a web page is no answer of AWS, without repeating it', () => {
    const page = Object.assign(named('SyntaxError', '"<html>secret" is not valid JSON'), {
      $metadata: { httpStatusCode: 503 },
    });
    const error = toCmsError(page, listing);
    assert.equal(error.code, 'ENDPOINT_UNREACHABLE');
    assert.equal(
      error.message,
      'Listing stacks failed: what answered (status 503) does not behave like AWS.',
    );
  });

  it('has a remedy for every refusal, known or not', () => {
    assert.match(english(toCmsError(awsError('InternalFailure', 'x', 500), listing).remedy ?? ''), /again/);
    assert.match(english(toCmsError(awsError('ValidationError'), listing).remedy ?? ''), /ValidationError/);
  });

  it('lets a CmsError pass', () => {
    const error = new CmsError('VIN_INVALID', l10n.verbatim('no'));
    assert.equal(toCmsError(error, listing), error);
  });

  it('knows the AWS code before and after mapping', () => {
    const error = awsError('ResourceNotFoundException');
    assert.ok(isAwsError(error, 'Other', 'ResourceNotFoundException'));
    assert.ok(isAwsError(toCmsError(error, listing), 'ResourceNotFoundException'));
    assert.ok(!isAwsError(toCmsError(error, listing), 'Other'));
  });
});
