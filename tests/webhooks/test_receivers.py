"""The samples for receivers, on vectors that the service's own signer and an independent library agree on."""

import base64
import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from standardwebhooks import Webhook, WebhookVerificationError

from app.webhooks.signing import sign

FOLDER = Path(__file__).parents[2] / "docs" / "receivers"
VECTORS = json.loads((FOLDER / "vectors.json").read_text("utf-8"))
# The library reads a timestamp as Python reads numbers: a fraction, and digits of any script.
LENIENT = {"a timestamp with a fraction", "a timestamp in other digits"}


def check(*command):
    return subprocess.run([*command, "vectors.json"], cwd=FOLDER, capture_output=True, text=True, check=False)


def test_the_python_sample_takes_and_refuses_what_it_must():
    # -I: nothing but the standard library is there to be imported.
    done = check(sys.executable, "-I", "-S", "verify.py")
    assert (done.returncode, done.stdout) == (0, f"{len(VECTORS)} of {len(VECTORS)} vectors as expected\n"), done.stderr


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")
def test_the_node_sample_takes_and_refuses_what_it_must():
    done = check("node", "verify.mjs")
    assert (done.returncode, done.stdout) == (0, f"{len(VECTORS)} of {len(VECTORS)} vectors as expected\n"), done.stderr


@pytest.mark.parametrize("command", [(sys.executable, "verify.py"), ("node", "verify.mjs")], ids=["python", "node"])
def test_a_sample_says_which_vectors_it_gets_wrong(tmp_path, command):
    if shutil.which(command[0]) is None:
        pytest.skip("Node.js is not installed")
    (tmp_path / "vectors.json").write_text(json.dumps([case | {"valid": not case["valid"]} for case in VECTORS]))
    program = [command[0], str(FOLDER / command[1]), str(tmp_path / "vectors.json")]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout == f"0 of {len(VECTORS)} vectors as expected\n"
    assert all(case["name"] in done.stderr for case in VECTORS)


@pytest.mark.parametrize("case", VECTORS, ids=lambda case: case["name"])
def test_a_vector_is_what_the_service_signs_and_the_library_agrees(case):
    body, headers = base64.b64decode(case["body"]), case["headers"]
    id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    given = headers.get("webhook-signature", "").split(" ")
    in_time = timestamp.isascii() and timestamp.isdigit() and abs(int(timestamp) - case["now"]) <= 300
    ours = in_time and any(sign(secret, id, int(timestamp), body) in given for secret in case["secrets"])
    assert ours == case["valid"]
    with time_machine.travel(datetime.fromtimestamp(case["now"], UTC), tick=False):
        theirs = any(accepted(secret, body, headers) for secret in case["secrets"])
    assert theirs == case["valid"] or case["name"] in LENIENT


def accepted(secret, body, headers):
    try:
        Webhook(secret).verify(body, headers)
    except (WebhookVerificationError, ValueError):
        return False
    return True
