"""Makes a user pool with a user in a group, signs the user in, and prints what came of it: `python cognito_pool.py ENDPOINT`."""

import json
import sys

import boto3

cognito = boto3.client(
    "cognito-idp",
    endpoint_url=sys.argv[1],
    region_name="us-east-1",
    aws_access_key_id="test",
    aws_secret_access_key="test",
)
pool = cognito.create_user_pool(PoolName="people")["UserPool"]["Id"]
client = cognito.create_user_pool_client(
    UserPoolId=pool, ClientName="app", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
)["UserPoolClient"]["ClientId"]
cognito.admin_create_user(UserPoolId=pool, Username="alice", TemporaryPassword="Temp-0rary")
cognito.admin_set_user_password(UserPoolId=pool, Username="alice", Password="Secret-0ne", Permanent=True)
cognito.create_group(UserPoolId=pool, GroupName="admins")
cognito.admin_add_user_to_group(UserPoolId=pool, Username="alice", GroupName="admins")
signed_in = cognito.initiate_auth(
    ClientId=client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters={"USERNAME": "alice", "PASSWORD": "Secret-0ne"}
)["AuthenticationResult"]
print(json.dumps({"pool": pool, "client": client, "access": signed_in["AccessToken"], "id": signed_in["IdToken"]}))
