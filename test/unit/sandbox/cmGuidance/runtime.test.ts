import assert from 'node:assert/strict';
import { until } from '../../../support/until.ts';
import { createGuidance, type Guidance } from './harness.ts';

type Rows = Record<string, unknown>[];

describe('what AWS says of a running Guidance for Connected Mobility in the sandbox @slow', () => {
  let guidance: Guidance;
  const ask = async (target: string, input: object = {}) => {
    const { status, body } = await guidance.send({
      method: 'POST',
      headers: { 'x-amz-target': target },
      body: Buffer.from(JSON.stringify(input)),
    });
    return { status, body };
  };
  const flink = (operation: string, input?: object) => ask(`KinesisAnalytics_20180523.${operation}`, input);
  const ecs = (operation: string, input?: object) =>
    ask(`AmazonEC2ContainerServiceV20141113.${operation}`, input);
  const logs = (operation: string, input?: object) => ask(`Logs_20140328.${operation}`, input);
  const change = (switches: object): void => {
    const call = guidance.installations.administration['PUT /cm-guidance/*'];
    call?.({ body: Buffer.from(JSON.stringify(switches)) } as never, 'dev');
  };
  const telemetry = () => guidance.table('storage-telemetry').count;
  const message = () => ({ vehicleId: 'VEH-1', timestamp: guidance.clock.now(), speed: 1 });

  beforeEach(async () => {
    guidance = await createGuidance();
  });

  it('has ten Flink apps, READY until they are started, page by page', async () => {
    guidance = await createGuidance('cm-guidance:dev,flink=ready');
    const first = await flink('ListApplications', { Limit: 6 });
    const second = await flink('ListApplications', { Limit: 6, NextToken: first.body.NextToken });
    const all = [...(first.body.ApplicationSummaries as Rows), ...(second.body.ApplicationSummaries as Rows)];
    assert.equal(all.length, 10);
    assert.ok(
      all.every(
        ({ ApplicationName: name, ApplicationStatus: status }) =>
          String(name).startsWith('cms-dev-flink-') && status === 'READY',
      ),
    );
    const ApplicationName = 'cms-dev-flink-simulator-preprocessor';
    assert.equal((await flink('StartApplication', { ApplicationName })).status, 200);
    const { body } = await flink('DescribeApplication', { ApplicationName });
    assert.equal((body.ApplicationDetail as { ApplicationStatus: string }).ApplicationStatus, 'RUNNING');
    assert.equal(
      (await flink('StartApplication', { ApplicationName })).body.__type,
      'ResourceInUseException',
    );
    assert.equal((await flink('StopApplication', { ApplicationName })).status, 200);
    assert.equal(
      (await flink('DescribeApplication', { ApplicationName: 'x' })).body.__type,
      'ResourceNotFoundException',
    );
  });

  it('has the service of the live feed, with the place of Kafka or without', async () => {
    const cluster = 'cms-dev-ws-fanout';
    const { serviceArns } = (await ecs('ListServices', { cluster })).body as { serviceArns: string[] };
    const described = async () =>
      ((await ecs('DescribeServices', { cluster, services: serviceArns })).body.services as Rows)[0];
    assert.deepEqual([(await described())?.runningCount, (await described())?.desiredCount], [1, 1]);
    const servers = async () => {
      const { taskDefinition } = (await described()) as { taskDefinition: string };
      const { body } = await ecs('DescribeTaskDefinition', { taskDefinition });
      const task = body.taskDefinition as { containerDefinitions: { environment: Rows }[] };
      return task.containerDefinitions[0]?.environment.find(({ name }) => name === 'BOOTSTRAP_SERVERS')
        ?.value;
    };
    assert.match(String(await servers()), /:9096/);
    change({ fanout: 'placeholder' });
    assert.equal(await servers(), 'PLACEHOLDER');
    change({ fanout: 'stopped' });
    assert.equal((await described())?.runningCount, 0);
    assert.equal((await ecs('ListServices', { cluster: 'x' })).body.__type, 'ClusterNotFoundException');
    const missing = await ecs('DescribeServices', { cluster, services: ['x'] });
    assert.deepEqual(missing.body.failures, [{ arn: 'x', reason: 'MISSING' }]);
  });

  it('has a Kafka topic for each fleet, page by page, unless they are missing', async () => {
    const cluster = guidance.outputs('msk').MSKClusterArn ?? '';
    const topics = async (more: Record<string, string> = {}, arn = cluster) => {
      const path = `/v1/clusters/${encodeURIComponent(arn)}/topics`;
      const { status, body } = await guidance.send({ path, query: new URLSearchParams(more) });
      const names = (body.topics as Rows | undefined)?.map(({ topicName }) => topicName);
      return { status, names, next: body.nextToken as string | undefined };
    };
    for (const fleetId of ['FLEET-1', 'FLEET-2']) {
      guidance.table('storage-fleets').put({ fleetId, name: fleetId });
    }
    const topicNameFilter = 'cms-fleet-';
    const first = await topics({ topicNameFilter, maxResults: '1' });
    assert.deepEqual(first.names, ['cms-fleet-FLEET-1-telemetry']);
    const second = await topics({ topicNameFilter, maxResults: '1', nextToken: first.next ?? '' });
    assert.deepEqual([second.names, second.next], [['cms-fleet-FLEET-2-telemetry'], undefined]);
    assert.ok((await topics()).names?.includes('cms-telemetry-raw'));
    change({ fleetTopics: 'missing' });
    assert.deepEqual((await topics({ topicNameFilter })).names, []);
    assert.equal((await topics({}, `${cluster}x`)).status, 404);
  });

  it('has a task for each run of the simulator, which StopTask ends', async () => {
    const admin = await guidance.signIn(['platform-admin']);
    const url = guidance.outputs('simulation').SimulationApiUrl ?? '';
    const started = await guidance.call(url, 'POST', 'api/simulation/start', admin, { vehicles: 1 });
    const cluster = 'cms-dev-simulation';
    const arns = async () => (await ecs('ListTasks', { cluster })).body.taskArns as string[];
    assert.deepEqual(await arns(), [started.body.task_arn]);
    const { tasks } = (await ecs('DescribeTasks', { cluster, tasks: await arns() })).body as { tasks: Rows };
    assert.equal(tasks[0]?.lastStatus, 'RUNNING');
    assert.equal((await ecs('StopTask', { cluster, task: started.body.task_arn })).status, 200);
    assert.deepEqual(await arns(), []);
    const id = String(started.body.simulation_id);
    const { body } = await guidance.call(url, 'GET', `api/simulation/status/${id}`, admin);
    assert.deepEqual([body.status, body.ecs_status], ['running', 'STOPPED']);
  });

  it('logs what a rule could not hand on, after the backup', async () => {
    const logGroupName = '/aws/iot/rule/errors';
    const found = async (filterPattern: string, more: object = {}) =>
      (await logs('FilterLogEvents', { logGroupName, filterPattern, ...more })).body.events as Rows;
    change({ kafka: 'refused' });
    guidance.publish(message());
    assert.equal(telemetry(), 0);
    const [event] = await found('"cms_dev_iot_msk_rule"');
    const said = JSON.parse(String(event?.message)) as { ruleName: string; failures: Rows };
    assert.deepEqual(
      [said.ruleName, said.failures[0]?.failedAction],
      ['cms_dev_iot_msk_rule', 'KafkaAction'],
    );
    assert.deepEqual(await found('"other_rule"'), []);
    assert.equal((await found('?other ?KafkaAction')).length, 1);
    assert.deepEqual(await found('?other ?another'), []);
    assert.equal((await found('?other -another')).length, 1, 'beside others, optional terms are left out');
    assert.deepEqual(await found('', { startTime: guidance.clock.now() + 1 }), []);
    assert.equal(
      guidance.aws.s3.buckets.find('cms-dev-telemetry-backup-us-west-2-123456789012').keys('').length,
      1,
    );
    change({ kafka: 'reached' });
    guidance.publish(message());
    assert.equal(telemetry(), 1);
    const groups = await logs('DescribeLogGroups', { logGroupNamePrefix: '/aws/iot' });
    assert.deepEqual(
      (groups.body.logGroups as Rows).map((group) => group.logGroupName),
      [logGroupName],
    );
    const none = await logs('FilterLogEvents', { logGroupName: 'x' });
    assert.equal(none.body.__type, 'ResourceNotFoundException');
  });

  it('has a destination in the VPC, which can be broken', async () => {
    const arn = guidance.outputs('telemetry-integration').VpcDestinationArn ?? '';
    const path = `/destinations/${arn.split('/').map(encodeURIComponent).join('/')}`;
    const status = async (): Promise<unknown> =>
      ((await guidance.send({ path })).body.topicRuleDestination as { status: string }).status;
    assert.equal(await status(), 'ENABLED');
    change({ destination: 'error' });
    await until('the status', async () => (await status()) === 'ERROR');
    guidance.publish(message());
    assert.equal(telemetry(), 0);
    const list = await guidance.send({ path: '/destinations' });
    assert.equal((list.body.destinationSummaries as Rows)[0]?.arn, arn);
    const unknown = await guidance.send({ path: `${path.slice(0, -4)}0000` });
    assert.equal(unknown.status, 404);
  });
});
