"""What each role must not be able to do, tried with its own credentials."""

import json

from botocore.exceptions import ClientError

from world import PREFIX, STACK


def _of(service, call, **arguments):
    return f"{service}.{call}({', '.join(map(str, arguments.values()))})", service, call, arguments


def _read(name):
    return _of("secretsmanager", "get_secret_value", SecretId=PREFIX + name)


def _write(name):
    return _of("secretsmanager", "put_secret_value", SecretId=PREFIX + name, SecretString="{}")


def _make(name):
    return _of("secretsmanager", "create_secret", Name=PREFIX + name, SecretString="{}")


def _delete(name):
    return _of("secretsmanager", "delete_secret", SecretId=PREFIX + name)


def _move(name):
    return _of("secretsmanager", "update_secret_version_stage", SecretId=PREFIX + name, VersionStage="AWSCURRENT")


def _invoke(function):
    return _of("lambda", "invoke", FunctionName=f"{STACK}-{function}", Payload="{}")


LIST = _of("secretsmanager", "list_secrets")
ROLES = _of("iam", "list_roles")


def calls(grant):
    """For each function what it may not; `grant` is the name of one that exists."""
    return {
        "webhook": [_read(grant), _read("apps/reports"), _read("seeds/reports"), _write("webhooks/reports"), _write(grant),
                    _make("grants/reports/x"), _delete(grant), LIST, _invoke("vend"), ROLES],
        "vend": [_read("apps/reports"), _read("webhooks/reports"), _write(grant), _move(grant), _make("grants/reports/x"),
                 _delete(grant), _of("secretsmanager", "restore_secret", SecretId=PREFIX + grant), _invoke("webhook"), ROLES],
        "consent": [_read(grant), _read("apps/minter"), _read("webhooks/reports"), _write(grant), _make("grants/reports/x"),
                    LIST, _of("secretsmanager", "batch_get_secret_value", SecretIdList=[PREFIX + grant]), _invoke("vend")],
        "refresher": [_write("apps/reports"), _delete("apps/reports"), _write("webhooks/reports"), _make("apps/x"),
                      _read("seeds/reports"), _of("secretsmanager", "get_secret_value", SecretId="other/secret"),
                      _of("secretsmanager", "put_resource_policy", SecretId=PREFIX + grant, ResourcePolicy="{}"),
                      _invoke("vend"), ROLES],
    }


def is_refused(world, credentials, call):
    """Why it was not refused; None if it was, for want of a permission."""
    _, service, name, arguments = call
    try:
        answer = getattr(world.client(service, credentials), name)(**arguments)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        return None if code in ("AccessDeniedException", "AccessDenied") else f"{code}, which says nothing of permissions"
    return f"allowed: {json.dumps(answer, default=str)[:200]}"


def batch_shows_nothing(world, credentials):
    """A batch is allowed for every name; what it may not read it must not show."""
    answer = world.client("secretsmanager", credentials).batch_get_secret_value(
        SecretIdList=[PREFIX + "apps/reports", PREFIX + "apps/minter"])
    return not answer["SecretValues"] and len(answer["Errors"]) == 2
