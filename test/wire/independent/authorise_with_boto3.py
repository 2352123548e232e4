"""Allows a vehicle in CMS on AWS with boto3 alone, and gets a claim for it, as a plant's script would.

Prints one JSON object with what it found. Arguments: endpoint, app id, VIN, folder for the claim's files.
Nothing of this project is used here.
"""
import json
import os
import sys

import boto3

endpoint, app, vin, folder = sys.argv[1:5]


def client(name):
    return boto3.client(name, endpoint_url=endpoint, region_name="us-west-2")


cloudformation, dynamodb, iot, secrets, ssm, s3 = (
    client(n) for n in ("cloudformation", "dynamodb", "iot", "secretsmanager", "ssm", "s3")
)

parameters = {}
for page in ssm.get_paginator("get_parameters_by_path").paginate(Path=f"/solution/{app}", Recursive=True):
    parameters.update({p["Name"]: p["Value"] for p in page["Parameters"]})

tables = {}
for page in cloudformation.get_paginator("list_stack_resources").paginate(StackName=f"{app}-app--cms-provisioning"):
    for resource in page["StackResourceSummaries"]:
        if resource["ResourceType"] == "AWS::DynamoDB::Table":
            kind = "authorised" if "authorizedvehicles" in resource["LogicalResourceId"] else "provisioned"
            tables[kind] = resource["PhysicalResourceId"]

table = boto3.resource("dynamodb", endpoint_url=endpoint, region_name="us-west-2").Table(tables["authorised"])
item = {"vin": vin, "make": "MG", "model": "ZS", "year": "2020", "allow_provisioning": True}
table.put_item(Item=item, ConditionExpression="attribute_not_exists(vin)")
try:
    table.put_item(Item=item, ConditionExpression="attribute_not_exists(vin)")
    twice = "taken"
except dynamodb.exceptions.ConditionalCheckFailedException:
    twice = "refused"

template = iot.describe_provisioning_template(templateName=f"{app}--provisioning-template")
claim = iot.create_provisioning_claim(templateName=template["templateName"])
for name, content in (("claim.pem", claim["certificatePem"]), ("claim.key", claim["keyPair"]["PrivateKey"])):
    with open(os.open(os.path.join(folder, name), os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
        file.write(content)

secret = json.loads(
    secrets.get_secret_value(SecretId=f"solution/{app}/provisioning/provisioning-credentials")["SecretString"]
)
bucket = parameters[f"/solution/{app}/connect-store/s3-storage-bucket/name"]
print(
    json.dumps(
        {
            "tables": tables,
            "twice": twice,
            "hook": template["preProvisioningHook"]["targetArn"],
            "allowed": table.get_item(Key={"vin": vin})["Item"]["allow_provisioning"],
            "shared_claim": secret["certificateId"],
            "stored": s3.list_objects_v2(Bucket=bucket, Prefix=f"cms/data/Vehicle_{vin}/")["KeyCount"],
        }
    )
)
