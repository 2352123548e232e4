"""Onboards a vehicle with boto3 and plain HTTP alone, in the order of the scripts people run by hand today.

Prints one JSON object with what it made. Arguments: endpoint, VIN, folder for the claim's files.
The password comes from the environment. Nothing of this project is used here.
"""
import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request

import boto3

endpoint, vin, folder = sys.argv[1:4]
password = os.environ["CMS_PASSWORD"]
region = "us-west-2"
user = "botoUser1"


def client(name):
    return boto3.client(name, endpoint_url=endpoint, region_name=region)


def rest(method, url, token, body=None, media="application/vnd.aws-cdf-v1.0+json"):
    request = urllib.request.Request(
        url,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Accept": media, "Content-Type": media, "Authorization": token},
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


cloudformation, cognito, iam, iot = (client(n) for n in ("cloudformation", "cognito-idp", "iam", "iot"))


def outputs(stack):
    described = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
    return {o["OutputKey"]: o["OutputValue"] for o in described["Outputs"]}


cms = outputs("cms-dev1")
cdf = outputs("cdf-core-development")
account = client("sts").get_caller_identity()["Account"]

# user pool: opened for sign-up as the scripts do it
try:
    cognito.admin_get_user(UserPoolId=cms["UserPoolId"], Username=user)
except cognito.exceptions.UserNotFoundException:
    cognito.update_user_pool(UserPoolId=cms["UserPoolId"], AdminCreateUserConfig={"AllowAdminCreateUserOnly": False})
    cognito.sign_up(
        ClientId=cms["UserPoolClientId"],
        Username=user,
        Password=password,
        UserAttributes=[{"Name": "email", "Value": "boto@example.com"}],
    )
    cognito.admin_confirm_sign_up(UserPoolId=cms["UserPoolId"], Username=user)
cognito.update_user_pool_client(
    UserPoolId=cms["UserPoolId"],
    ClientId=cms["UserPoolClientId"],
    ExplicitAuthFlows=["ADMIN_NO_SRP_AUTH", "USER_PASSWORD_AUTH"],
)
token = cognito.admin_initiate_auth(
    UserPoolId=cms["UserPoolId"],
    ClientId=cms["UserPoolClientId"],
    AuthFlow="ADMIN_NO_SRP_AUTH",
    AuthParameters={"USERNAME": user, "PASSWORD": password},
)["AuthenticationResult"]["IdToken"]

# supplier and CMS user
library = cdf["AssetLibraryApiGatewayUrl"]
supplier_path = urllib.parse.quote("/auto/suppliers/BotoSupplier", safe="")
status, text = rest("GET", f"{library}/groups/{supplier_path}", token)
if status == 404:
    body = {
        "groupPath": "/auto/suppliers/BotoSupplier",
        "parentPath": "/auto/suppliers",
        "templateId": "auto_supplier",
        "name": "BotoSupplier",
        "attributes": {"externalId": "b0705"},
    }
    status, text = rest("POST", f"{library}/groups", token, body)
    assert status == 204, (status, text)
    external_id = "b0705"
else:
    external_id = json.loads(text)["attributes"]["externalId"]
status, text = rest(
    "POST", f"{cms['FacadeApiGatewayUrl']}/users", token, {"username": user, "firstName": "Bo", "lastName": "To"}
)
assert status in (201, 204), (status, text)

# role, claim policy, template
try:
    iam.get_role(RoleName="IotCMSRole")
except iam.exceptions.NoSuchEntityException:
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "iot.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
    iam.create_role(RoleName="IotCMSRole", AssumeRolePolicyDocument=json.dumps(trust))
iam.attach_role_policy(
    RoleName="IotCMSRole", PolicyArn="arn:aws:iam::aws:policy/service-role/AWSIoTThingsRegistration"
)
role = iam.get_role(RoleName="IotCMSRole")["Role"]["Arn"]
template = "BotoTemplate"
base = f"arn:aws:iot:{region}:{account}"
policy = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": ["iot:Connect"], "Resource": ["*"]},
        {
            "Effect": "Allow",
            "Action": ["iot:Publish", "iot:Receive"],
            "Resource": [
                f"{base}:topic/$aws/certificates/create/*",
                f"{base}:topic/$aws/provisioning-templates/{template}/provision/*",
            ],
        },
        {
            "Effect": "Allow",
            "Action": ["iot:Subscribe"],
            "Resource": [
                f"{base}:topicfilter/$aws/certificates/create/*",
                f"{base}:topicfilter/$aws/provisioning-templates/{template}/provision/*",
            ],
        },
    ],
}
try:
    iot.create_policy(policyName="botoClaimPolicy", policyDocument=json.dumps(policy))
except iot.exceptions.ResourceAlreadyExistsException:
    pass
body = {
    "Parameters": {"SerialNumber": {"Type": "String"}, "AWS::IoT::Certificate::Id": {"Type": "String"}},
    "Resources": {
        "certificate": {
            "Type": "AWS::IoT::Certificate",
            "Properties": {"CertificateId": {"Ref": "AWS::IoT::Certificate::Id"}, "Status": "Active"},
        },
        "policy": {"Type": "AWS::IoT::Policy", "Properties": {"PolicyName": "CvraTcuDevicePolicy"}},
        "thing": {"Type": "AWS::IoT::Thing", "Properties": {"ThingName": {"Ref": "SerialNumber"}}},
    },
}
iot.create_provisioning_template(
    templateName=template, templateBody=json.dumps(body), enabled=True, provisioningRoleArn=role
)

# claim certificate
claim = iot.create_keys_and_certificate(setAsActive=True)
iot.attach_policy(policyName="botoClaimPolicy", target=claim["certificateArn"])
for name, value in (
    ("claim.pem", claim["certificatePem"]),
    ("claim.key", claim["keyPair"]["PrivateKey"]),
):
    with open(os.path.join(folder, name), "w", opener=lambda p, f: os.open(p, f, 0o600)) as file:
        file.write(value)

print(
    json.dumps(
        {
            "template": template,
            "claimCertificateId": claim["certificateId"],
            "endpointAddress": iot.describe_endpoint(endpointType="iot:Data-ATS")["endpointAddress"],
            "facade": cms["FacadeApiGatewayUrl"],
            "fleetManager": cms["FleetmanagerApiGatewayUrl"],
            "library": library,
            "externalId": external_id,
            "user": user,
            "poolId": cms["UserPoolId"],
        }
    )
)
