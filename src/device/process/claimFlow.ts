import { iotidentity, mqtt } from 'aws-iot-device-sdk-v2';
import { CmsError, messageOf } from '../../core/errors.ts';
import type { Broker, DeviceIdentity } from '../../protocol/device.ts';
import { bounded } from './bounded.ts';
import { claimLate, claimRejected, subscribeRefused, type ClaimStep } from './claimFailure.ts';
import { connectMqtt } from './mqttConnection.ts';

export interface ClaimFlowRequest {
  broker: Broker;
  claim: DeviceIdentity;
  clientId: string;
  templateName: string;
  parameters: Record<string, string>;
  csrPem?: string | undefined;
  /** Bound of each single wait. */
  timeoutMs: number;
}

export interface Issued {
  certificateId: string;
  certificatePem: string;
  privateKeyPem: string | undefined;
}

export interface ClaimFlowPorts {
  progress: (step: ClaimStep, message: string) => void;
  /** Resolves when the certificate is safe; only then the ownership token is used. */
  save: (issued: Issued) => Promise<void>;
}

interface Created {
  certificateId?: string;
  certificatePem?: string;
  privateKey?: string;
  certificateOwnershipToken?: string;
}

const CREATE_TOPIC = '$aws/certificates/create/json';
const CSR_TOPIC = '$aws/certificates/create-from-csr/json';

/** Fleet provisioning by claim, the device's side. Source: AWS IoT "Device provisioning MQTT API". */
export async function claimFlow(
  request: ClaimFlowRequest,
  ports: ClaimFlowPorts,
  signal: AbortSignal,
): Promise<{ thingName: string; certificateId: string }> {
  const { timeoutMs, templateName, csrPem } = request;
  const createTopic = csrPem === undefined ? CREATE_TOPIC : CSR_TOPIC;
  const registerTopic = `$aws/provisioning-templates/${templateName}/provision/json`;

  ports.progress('connect', `Connecting to ${request.broker.host} with the claim certificate`);
  const connection = await connectMqtt(
    {
      broker: request.broker,
      identity: request.claim,
      clientId: request.clientId,
      timeoutMs,
      what: 'claim certificate',
    },
    signal,
  );
  try {
    const bounds = { timeoutMs, signal, lost: connection.lost };
    const wait = <T>(step: ClaimStep, topic: string, promise: Promise<T>) =>
      at(
        step,
        topic,
        bounded(promise, bounds, () => claimLate(step, topic, timeoutMs)),
      );
    const client = new iotidentity.IotIdentityClient(connection.client);

    // Both answers of both calls are subscribed to before anything is asked: an answer is sent once.
    ports.progress('subscribe', 'Subscribing to the answers');
    const created = new Answer<Created>('create-certificate', createTopic, templateName);
    const registered = new Answer<{ thingName?: string }>('register-thing', registerTopic, templateName);
    await wait('subscribe', createTopic, subscribeToCreate(client, csrPem, created));
    await wait('subscribe', registerTopic, subscribeToRegister(client, templateName, registered));

    ports.progress(
      'create-certificate',
      csrPem === undefined ? 'Asking for keys and a certificate' : 'Sending the signing request',
    );
    await wait(
      'create-certificate',
      createTopic,
      csrPem === undefined
        ? client.publishCreateKeysAndCertificate({}, mqtt.QoS.AtLeastOnce)
        : client.publishCreateCertificateFromCsr({ certificateSigningRequest: csrPem }, mqtt.QoS.AtLeastOnce),
    );
    const answer = await wait('create-certificate', createTopic, created.promise);
    const { certificateId, certificatePem, privateKey, certificateOwnershipToken: token } = answer;
    if (certificateId === undefined || certificatePem === undefined || token === undefined) {
      throw incomplete('create-certificate', createTopic);
    }
    if (csrPem === undefined && privateKey === undefined) throw incomplete('create-certificate', createTopic);

    ports.progress('save-certificate', `Saving certificate ${certificateId.slice(0, 12)}…`);
    const issued = {
      certificateId,
      certificatePem,
      privateKeyPem: csrPem === undefined ? privateKey : undefined,
    };
    await wait('save-certificate', createTopic, ports.save(issued));

    ports.progress('register-thing', `Registering with template ${templateName}`);
    registered.secret = token;
    await wait(
      'register-thing',
      registerTopic,
      client.publishRegisterThing(
        { templateName, certificateOwnershipToken: token, parameters: request.parameters },
        mqtt.QoS.AtLeastOnce,
      ),
    );
    const { thingName } = await wait('register-thing', registerTopic, registered.promise);
    if (thingName === undefined) throw incomplete('register-thing', registerTopic);
    return { thingName, certificateId };
  } finally {
    await connection.close();
  }
}

/** The first answer of a call, accepted or rejected; whatever comes later is ignored. */
class Answer<T> {
  readonly promise: Promise<T>;
  readonly accepted: (error: iotidentity.IotIdentityError | undefined, response?: T) => void;
  readonly rejected: (
    error: iotidentity.IotIdentityError | undefined,
    response?: iotidentity.model.ErrorResponse,
  ) => void;
  /** Cut out of AWS's words, should they repeat it. */
  secret: string | undefined;

  constructor(step: ClaimStep, topic: string, templateName: string) {
    let accept: (value: T) => void;
    let reject: (error: Error) => void;
    this.promise = new Promise<T>((resolve, fail) => {
      accept = resolve;
      reject = fail;
    });
    this.promise.catch(() => undefined);
    this.accepted = (error, response) => {
      if (error !== undefined || response === undefined) reject(incomplete(step, topic));
      else accept(response);
    };
    this.rejected = (_error, response) =>
      reject(claimRejected({ step, topic, templateName, answer: response ?? {}, secret: this.secret }));
  }
}

async function subscribeToCreate(
  client: iotidentity.IotIdentityClient,
  csrPem: string | undefined,
  answer: Answer<Created>,
): Promise<void> {
  const qos = mqtt.QoS.AtLeastOnce;
  if (csrPem === undefined) {
    granted(await client.subscribeToCreateKeysAndCertificateAccepted({}, qos, answer.accepted));
    granted(await client.subscribeToCreateKeysAndCertificateRejected({}, qos, answer.rejected));
  } else {
    granted(await client.subscribeToCreateCertificateFromCsrAccepted({}, qos, answer.accepted));
    granted(await client.subscribeToCreateCertificateFromCsrRejected({}, qos, answer.rejected));
  }
}

async function subscribeToRegister(
  client: iotidentity.IotIdentityClient,
  templateName: string,
  answer: Answer<{ thingName?: string }>,
): Promise<void> {
  const qos = mqtt.QoS.AtLeastOnce;
  granted(await client.subscribeToRegisterThingAccepted({ templateName }, qos, answer.accepted));
  granted(await client.subscribeToRegisterThingRejected({ templateName }, qos, answer.rejected));
}

/** MQTT 3.1.1 answers 0x80 to a subscription that is not allowed; the library hands it on as a QoS. */
function granted(subscription: mqtt.MqttSubscribeRequest): void {
  if (subscription.qos > mqtt.QoS.ExactlyOnce) throw subscribeRefused(subscription.topic);
}

/** Gives every error of a wait its step and topic. What the MQTT library itself throws is a broken connection. */
async function at<T>(step: ClaimStep, topic: string, promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof CmsError && (error.step !== undefined || error.code === 'CANCELLED')) throw error;
    const known =
      error instanceof CmsError
        ? error
        : new CmsError('MQTT_CONNECTION_LOST', messageOf(error), {
            remedy: 'Check the network and run it again.',
          });
    throw new CmsError(known.code, `At ${step} (${topic}): ${known.message}`, {
      step,
      ...(known.remedy === undefined ? {} : { remedy: known.remedy }),
      details: { ...known.details, topic },
      cause: error,
    });
  }
}

function incomplete(step: ClaimStep, topic: string): CmsError {
  return new CmsError(
    'CLAIM_REJECTED',
    `The answer on ${topic}/accepted lacks what fleet provisioning promises.`,
    {
      step,
      remedy: 'Check that the MQTT endpoint is AWS IoT Core of the right region.',
      details: { topic: `${topic}/accepted` },
    },
  );
}
