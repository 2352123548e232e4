import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { RespondToAuthChallengeCommandOutput } from '@aws-sdk/client-cognito-identity-provider';
import {
  AdminConfirmSignUpCommand,
  AdminCreateUserCommand,
  AdminDeleteUserCommand,
  AdminGetUserCommand,
  AdminInitiateAuthCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  CreateUserPoolClientCommand,
  DeleteUserPoolClientCommand,
  DescribeUserPoolClientCommand,
  DescribeUserPoolCommand,
  GetUserCommand,
  InitiateAuthCommand,
  InvalidParameterException,
  InvalidPasswordException,
  ListUserPoolClientsCommand,
  ListUserPoolsCommand,
  NotAuthorizedException,
  paginateListUsers,
  ResourceNotFoundException,
  RespondToAuthChallengeCommand,
  RevokeTokenCommand,
  SignUpCommand,
  TooManyRequestsException,
  UpdateUserPoolClientCommand,
  UpdateUserPoolCommand,
  UsernameExistsException,
  UserNotFoundException,
} from '@aws-sdk/client-cognito-identity-provider';
import { createSrpSession, signSrpSession } from 'cognito-srp-helper';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { startSandbox, testCredentials, type SandboxProcess } from '../support/sandbox.ts';

const run = promisify(execFile);

describe('Cognito as its clients see it', function () {
  this.timeout(120_000);
  let sandbox: SandboxProcess;
  let cognito: CognitoIdentityProviderClient;
  let UserPoolId: string;
  let ClientId: string;

  const connect = (): CognitoIdentityProviderClient =>
    new CognitoIdentityProviderClient({
      endpoint: sandbox.endpoint,
      region: 'us-west-2',
      credentials: testCredentials,
      maxAttempts: 1,
    });

  before(async () => {
    sandbox = await startSandbox();
    cognito = connect();
    const pools = await cognito.send(new ListUserPoolsCommand({ MaxResults: 60 }));
    UserPoolId = pools.UserPools?.[0]?.Id ?? '';
    const clients = await cognito.send(new ListUserPoolClientsCommand({ UserPoolId }));
    ClientId = clients.UserPoolClients?.[0]?.ClientId ?? '';
  });
  beforeEach(() => sandbox.reset());
  after(async () => {
    cognito.destroy();
    await sandbox.stop();
  });

  async function addUser(Username: string, Password: string): Promise<void> {
    await cognito.send(
      new AdminCreateUserCommand({
        UserPoolId,
        Username,
        MessageAction: 'SUPPRESS',
        UserAttributes: [
          { Name: 'email', Value: `${Username}@example.com` },
          { Name: 'email_verified', Value: 'true' },
        ],
      }),
    );
    await cognito.send(new AdminSetUserPasswordCommand({ UserPoolId, Username, Password, Permanent: true }));
  }

  async function signInWithSrp(
    username: string,
    password: string,
  ): Promise<RespondToAuthChallengeCommandOutput> {
    const session = createSrpSession(username, password, UserPoolId, false);
    const { ChallengeParameters = {} } = await cognito.send(
      new InitiateAuthCommand({
        ClientId,
        AuthFlow: 'USER_SRP_AUTH',
        AuthParameters: { USERNAME: username, SRP_A: session.largeA },
      }),
    );
    const signed = signSrpSession(session, { ChallengeParameters });
    return cognito.send(
      new RespondToAuthChallengeCommand({
        ClientId,
        ChallengeName: 'PASSWORD_VERIFIER',
        ChallengeResponses: {
          USERNAME: ChallengeParameters.USER_ID_FOR_SRP ?? '',
          PASSWORD_CLAIM_SECRET_BLOCK: signed.secret,
          PASSWORD_CLAIM_SIGNATURE: signed.passwordSignature,
          TIMESTAMP: signed.timestamp,
        },
      }),
    );
  }

  describe('the AWS SDK', () => {
    it('signs in with SRP without any change of pool or client @smoke', async () => {
      await addUser('ann', 'Password');
      const pool = await cognito.send(new DescribeUserPoolCommand({ UserPoolId }));
      assert.equal(pool.UserPool?.UserPoolAddOns?.AdvancedSecurityMode, 'ENFORCED');
      assert.ok(pool.UserPool.CreationDate instanceof Date);
      for (const name of ['ann', 'ann@example.com']) {
        const { AuthenticationResult } = await signInWithSrp(name, 'Password');
        assert.equal(AuthenticationResult?.ExpiresIn, 3600);
        const user = await cognito.send(
          new GetUserCommand({ AccessToken: AuthenticationResult.AccessToken }),
        );
        assert.equal(user.Username, 'ann');
      }
      await assert.rejects(signInWithSrp('ann', 'password'), NotAuthorizedException);
    });

    it('gets tokens that verify with the keys published at the endpoint', async () => {
      await addUser('ann', 'Password');
      const { AuthenticationResult } = await signInWithSrp('ann', 'Password');
      const keys = createRemoteJWKSet(new URL(`${sandbox.endpoint}/${UserPoolId}/.well-known/jwks.json`));
      const { payload } = await jwtVerify(AuthenticationResult?.IdToken ?? '', keys, {
        issuer: `https://cognito-idp.us-west-2.amazonaws.com/${UserPoolId}`,
        audience: ClientId,
      });
      assert.equal(payload['cognito:username'], 'ann');
      const refreshed = await cognito.send(
        new InitiateAuthCommand({
          ClientId,
          AuthFlow: 'REFRESH_TOKEN_AUTH',
          AuthParameters: { REFRESH_TOKEN: AuthenticationResult?.RefreshToken ?? '' },
        }),
      );
      assert.equal(refreshed.AuthenticationResult?.RefreshToken, undefined);
      await jwtVerify(refreshed.AuthenticationResult?.IdToken ?? '', keys);
    });

    it("opens the pool and the stack's client as the CMS scripts do", async () => {
      const attributes = [{ Name: 'email', Value: 'test@test.com' }];
      const signUp = new SignUpCommand({
        ClientId,
        Username: 'testCMSUser1',
        Password: 'Testing1234',
        UserAttributes: attributes,
      });
      await assert.rejects(
        cognito.send(new AdminGetUserCommand({ UserPoolId, Username: 'testCMSUser1' })),
        UserNotFoundException,
      );
      await assert.rejects(cognito.send(signUp), NotAuthorizedException);
      await cognito.send(
        new UpdateUserPoolCommand({
          UserPoolId,
          AdminCreateUserConfig: { AllowAdminCreateUserOnly: false },
        }),
      );
      const made = await cognito.send(signUp);
      assert.equal(made.UserConfirmed, false);
      await assert.rejects(cognito.send(signUp), UsernameExistsException);
      await cognito.send(new AdminConfirmSignUpCommand({ UserPoolId, Username: 'testCMSUser1' }));
      const initiate = new AdminInitiateAuthCommand({
        UserPoolId,
        ClientId,
        AuthFlow: 'ADMIN_NO_SRP_AUTH',
        AuthParameters: { USERNAME: 'testCMSUser1', PASSWORD: 'Testing1234' },
      });
      await assert.rejects(cognito.send(initiate), InvalidParameterException);
      const { UserPoolClient } = await cognito.send(
        new UpdateUserPoolClientCommand({
          UserPoolId,
          ClientId,
          ExplicitAuthFlows: ['ADMIN_NO_SRP_AUTH', 'USER_PASSWORD_AUTH'],
        }),
      );
      assert.equal(UserPoolClient?.RefreshTokenValidity, 30);
      const { AuthenticationResult } = await cognito.send(initiate);
      assert.equal(AuthenticationResult?.TokenType, 'Bearer');
      const pool = await cognito.send(new DescribeUserPoolCommand({ UserPoolId }));
      assert.equal(pool.UserPool?.UserPoolAddOns, undefined);
    });

    it('makes and deletes a client of its own', async () => {
      const { UserPoolClient } = await cognito.send(
        new CreateUserPoolClientCommand({
          UserPoolId,
          ClientName: 'mine',
          ExplicitAuthFlows: ['ALLOW_ADMIN_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
        }),
      );
      const own = { UserPoolId, ClientId: UserPoolClient?.ClientId };
      await cognito.send(new DescribeUserPoolClientCommand(own));
      await cognito.send(new DeleteUserPoolClientCommand(own));
      await assert.rejects(cognito.send(new DescribeUserPoolClientCommand(own)), ResourceNotFoundException);
    });

    it("gives the stack's admin a first password and answers the challenge", async () => {
      await cognito.send(
        new AdminSetUserPasswordCommand({ UserPoolId, Username: 'admin', Password: 'Temporary' }),
      );
      const challenge = await signInWithSrp('admin', 'Temporary');
      assert.equal(challenge.ChallengeName, 'NEW_PASSWORD_REQUIRED');
      const respond = (NEW_PASSWORD: string) =>
        cognito.send(
          new RespondToAuthChallengeCommand({
            ClientId,
            ChallengeName: 'NEW_PASSWORD_REQUIRED',
            Session: challenge.Session,
            ChallengeResponses: { USERNAME: 'admin', NEW_PASSWORD },
          }),
        );
      await assert.rejects(respond('weak'), InvalidPasswordException);
      assert.ok((await respond('Permanent')).AuthenticationResult?.IdToken);
    });

    it('pages through users and deletes them', async () => {
      for (const name of ['ann', 'bob', 'eve']) await addUser(name, 'Password');
      const names: (string | undefined)[] = [];
      const pages = paginateListUsers(
        { client: cognito, pageSize: 2 },
        { UserPoolId, Filter: 'status="Enabled"' },
      );
      for await (const page of pages) names.push(...(page.Users ?? []).map(({ Username }) => Username));
      assert.deepEqual(names, ['admin', 'ann', 'bob', 'eve']);
      await cognito.send(new AdminDeleteUserCommand({ UserPoolId, Username: 'eve' }));
      await assert.rejects(
        cognito.send(new AdminGetUserCommand({ UserPoolId, Username: 'eve' })),
        UserNotFoundException,
      );
    });

    it("finds its tokens expired when the sandbox's clock says so, and a revoked one refused", async () => {
      await addUser('ann', 'Password');
      const { AuthenticationResult } = await signInWithSrp('ann', 'Password');
      const { AccessToken, RefreshToken } = AuthenticationResult ?? {};
      await sandbox.advanceClock(3_600_000);
      await assert.rejects(cognito.send(new GetUserCommand({ AccessToken })), {
        name: 'NotAuthorizedException',
        message: 'Access Token has expired',
      });
      const refresh = new InitiateAuthCommand({
        ClientId,
        AuthFlow: 'REFRESH_TOKEN_AUTH',
        AuthParameters: { REFRESH_TOKEN: RefreshToken ?? '' },
      });
      await cognito.send(refresh);
      await cognito.send(new RevokeTokenCommand({ ClientId, Token: RefreshToken }));
      await assert.rejects(cognito.send(refresh), NotAuthorizedException);
    });

    it('meets injected faults as the exceptions it knows', async () => {
      await sandbox.fault({ operation: 'cognito-idp:AdminGetUser', action: { kind: 'throttle' } });
      const get = new AdminGetUserCommand({ UserPoolId, Username: 'admin' });
      await assert.rejects(cognito.send(get), TooManyRequestsException);
      await cognito.send(get);
    });

    it('keeps its users and tokens over a restart', async () => {
      await sandbox.stop();
      const stateFolder = await mkdtemp(path.join(os.tmpdir(), 'cognito-wire-'));
      const restart = async (): Promise<void> => {
        cognito.destroy();
        await sandbox.stop();
        sandbox = await startSandbox({ stateFolder });
        cognito = connect();
      };
      try {
        await restart();
        await addUser('ann', 'Password');
        const { AuthenticationResult } = await signInWithSrp('ann', 'Password');
        await restart();
        const get = new GetUserCommand({ AccessToken: AuthenticationResult?.AccessToken });
        assert.equal((await cognito.send(get)).Username, 'ann');
        await signInWithSrp('ann', 'Password');
      } finally {
        await sandbox.stop();
        await rm(stateFolder, { recursive: true });
        sandbox = await startSandbox();
        cognito = connect();
      }
    });
  });

  describe('the AWS CLI', () => {
    async function aws(...args: string[]): Promise<Record<string, unknown>> {
      const { stdout } = await run(
        '/usr/bin/aws',
        ['--endpoint-url', sandbox.endpoint, 'cognito-idp', ...args],
        {
          env: {
            PATH: process.env.PATH,
            HOME: sandbox.stateFolder,
            AWS_ACCESS_KEY_ID: testCredentials.accessKeyId,
            AWS_SECRET_ACCESS_KEY: testCredentials.secretAccessKey,
            AWS_DEFAULT_REGION: 'us-west-2',
            AWS_PAGER: '',
            AWS_EC2_METADATA_DISABLED: 'true',
          },
        },
      );
      return stdout.trim() === '' ? {} : (JSON.parse(stdout) as Record<string, unknown>);
    }

    it('creates a user, sets the password, signs in and describes the pool', async () => {
      const pool = ['--user-pool-id', UserPoolId];
      const who = [...pool, '--username', 'cli'];
      const { User } = await aws(
        ...['admin-create-user', ...who, '--message-action', 'SUPPRESS'],
        ...['--user-attributes', 'Name=email,Value=cli@example.com', 'Name=email_verified,Value=true'],
      );
      assert.equal((User as { UserStatus: string }).UserStatus, 'FORCE_CHANGE_PASSWORD');
      await aws('admin-set-user-password', ...who, '--password', 'Password', '--permanent');
      const flows = ['--explicit-auth-flows', 'ALLOW_ADMIN_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'];
      const made = await aws('create-user-pool-client', ...pool, '--client-name', 'cli', ...flows);
      const { AuthenticationResult } = await aws(
        ...['admin-initiate-auth', ...pool, '--auth-flow', 'ADMIN_USER_PASSWORD_AUTH'],
        ...['--client-id', (made.UserPoolClient as { ClientId: string }).ClientId],
        ...['--auth-parameters', 'USERNAME=cli,PASSWORD=Password'],
      );
      const tokens = AuthenticationResult as { AccessToken: string };
      const user = await aws('get-user', '--access-token', tokens.AccessToken);
      assert.equal(user.Username, 'cli');
      const described = await aws('describe-user-pool', ...pool);
      assert.equal((described.UserPool as { Name: string }).Name, 'cms-admins-123456789012');
      const listed = await aws('list-users', ...pool, '--filter', 'username = "cli"');
      assert.equal((listed.Users as unknown[]).length, 1);
    });

    it('prints the error names and texts of AWS', async () => {
      await assert.rejects(
        aws('admin-get-user', '--user-pool-id', UserPoolId, '--username', 'nobody'),
        /\(UserNotFoundException\) when calling the AdminGetUser operation: User does not exist\./,
      );
      await assert.rejects(
        aws('describe-user-pool', '--user-pool-id', 'us-west-2_AAAAAAAAA'),
        /\(ResourceNotFoundException\) .*: User pool us-west-2_AAAAAAAAA does not exist\./,
      );
    });
  });
});
