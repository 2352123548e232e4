import type { AccountRate } from '../../kernel/rates.ts';

const category = (perSecond: number, ...operations: string[]): AccountRate => ({
  perSecond,
  operations,
  shareRate: true,
  source: 'Quotas in Amazon Cognito',
});

/**
 * The categories UserAuthentication (challenge responses have three times its rate), UserCreation,
 * UserAccountRecovery, UserRead, UserUpdate, UserToken, UserList, UserPoolRead and -Update, UserPoolClientRead and
 * -Update.
 */
export const cognitoRates: readonly AccountRate[] = [
  category(120, 'InitiateAuth', 'AdminInitiateAuth'),
  category(360, 'RespondToAuthChallenge', 'AdminRespondToAuthChallenge'),
  category(50, 'SignUp', 'ConfirmSignUp', 'AdminCreateUser', 'AdminConfirmSignUp'),
  category(30, 'AdminSetUserPassword', 'AdminResetUserPassword', 'ForgotPassword', 'ConfirmForgotPassword'),
  category(120, 'GetUser', 'AdminGetUser'),
  category(25, 'AdminUpdateUserAttributes', 'AdminDeleteUser', 'AdminDisableUser', 'AdminEnableUser'),
  category(120, 'RevokeToken'),
  category(30, 'ListUsers'),
  category(15, 'DescribeUserPool', 'ListUserPools'),
  category(15, 'UpdateUserPool'),
  category(15, 'DescribeUserPoolClient', 'ListUserPoolClients'),
  category(15, 'CreateUserPoolClient', 'UpdateUserPoolClient', 'DeleteUserPoolClient'),
];
