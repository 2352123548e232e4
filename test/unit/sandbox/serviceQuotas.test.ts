import assert from 'node:assert/strict';
import { createServiceQuotas } from '../../../src/sandbox/services/serviceQuotas/serviceQuotas.ts';
import { answered } from '../../support/answered.ts';
import { createTestContext } from '../../support/sandboxContext.ts';

function setUp() {
  const quotas = createServiceQuotas(createTestContext());
  const call = async (operation: string, body: object) => {
    const request = {
      ...{ method: 'POST', path: '/', query: new URLSearchParams(), requestId: 'r', region: 'us-west-2' },
      headers: { 'x-amz-target': `ServiceQuotasV20190624.${operation}` },
      body: Buffer.from(JSON.stringify(body)),
      ...{ signed: true, trusted: false },
    };
    const { body: text } = await answered(quotas.service, operation, request);
    return JSON.parse(String(text)) as {
      Quotas: { QuotaName: string; Value: number }[];
      Quota: { Value: number };
      NextToken?: string;
      __type?: string;
    };
  };
  return { quotas, call };
}

describe('Service Quotas of the sandbox', () => {
  it('lists the quotas of a service page by page', async () => {
    const { call } = setUp();
    const first = await call('ListServiceQuotas', { ServiceCode: 'iotcore', MaxResults: 3 });
    const last = await call('ListServiceQuotas', { ServiceCode: 'iotcore', NextToken: first.NextToken });
    const names = [...first.Quotas, ...last.Quotas].map(({ QuotaName }) => QuotaName);
    assert.equal(first.Quotas.length, 3);
    assert.deepEqual([new Set(names).size, last.NextToken], [4, undefined]);
  });

  it('tells what a quota was changed to, and refuses one that is not there', async () => {
    const { quotas, call } = setUp();
    assert.equal(quotas.change('Fargate On-Demand vCPU resource count', 2), true);
    const asked = { ServiceCode: 'fargate', QuotaCode: 'L-3032A538' };
    assert.equal((await call('GetServiceQuota', asked)).Quota.Value, 2);
    assert.equal(quotas.change('Something else', 2), false);
  });

  it('knows no other services', async () => {
    const { call } = setUp();
    assert.match((await call('ListServiceQuotas', { ServiceCode: 'none' })).__type!, /NoSuchResource/);
  });
});
