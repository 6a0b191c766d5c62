"""Clients made from the document that a running service shows: they compile, and submit a plan. `make test-clients`."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import httpx

from tests.house.test_up import Service

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent


def run(*words, cwd, **environment):
    """Run a program; what it says is shown only when it fails."""
    path = os.pathsep.join((str(Path(words[0]).parent), os.environ["PATH"]))
    done = subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        env={"PATH": path, "HOME": str(cwd), "LANG": "C.UTF-8", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, words))}\n{done.stdout}")
    return done.stdout


def python(document, tools, home, who):
    """A Python client: every operation is there, every module compiles under strict mypy, and it works."""
    made = home / "python"
    made.mkdir()
    generator, interpreter = tools / "bin" / "openapi-python-client", tools / "bin" / "python"
    target = made / "ttdn_client"
    (made / "openapi.json").write_text(json.dumps(document))
    options = ("--config", ROOT / "docs" / "openapi-python-client.yaml", "--output-path", target, "--meta", "none")
    said = run(generator, "generate", "--path", "openapi.json", *options, cwd=made)
    if "Warning" in said:
        raise SystemExit(said)
    modules = {path.stem for path in target.glob("api/*/*.py") if path.stem != "__init__"}
    operations = {operation["operationId"] for item in document["paths"].values() for operation in item.values()}
    if modules != operations:
        raise SystemExit(f"the Python client lacks {operations - modules} and has {modules - operations}")
    shutil.copy(HERE / "submit_plan.py", made)
    # Everything but client.py, which is the generator's own and the same for every document.
    mypy = [sys.executable, "-m", "mypy", "--config-file=", "--strict", "--follow-imports=silent"]
    parts = ["submit_plan.py", "ttdn_client/api", "ttdn_client/models", "ttdn_client/types.py"]
    run(*mypy, "--python-executable", interpreter, *parts, cwd=made)
    print(run(interpreter, "submit_plan.py", cwd=made, **who), end="")


def typescript(document, tools, home, who):
    """Types for TypeScript: they compile strictly with a program that uses them, and it works."""
    made = home / "typescript"
    made.mkdir()
    (made / "openapi.json").write_text(json.dumps(document))
    (made / "node_modules").symlink_to(tools / "node_modules")
    (made / "package.json").write_text('{"type": "module"}')
    for name in ("submit_plan.ts", "tsconfig.json"):
        shutil.copy(HERE / name, made)
    node = shutil.which("node")
    run(node, "node_modules/openapi-typescript/bin/cli.js", "openapi.json", "-o", "schema.d.ts", cwd=made)
    run(node, "node_modules/typescript/bin/tsc", "-p", "tsconfig.json", cwd=made)
    print(run(node, "out/submit_plan.js", cwd=made, **who), end="")


def main(python_tools, node_tools):
    """Bring up a service of its own, make both clients from its document, let both submit a plan."""
    home = Path(tempfile.mkdtemp(prefix="ttdn-clients-"))
    home.chmod(0o755)
    service = Service(home / "data")
    try:
        service.start()
        document = httpx.get(f"{service.base}/openapi.json", timeout=30).json()
        known = json.loads((service.data / "demo-credentials.json").read_text())["clients"]["district"]
        who = {
            "BASE_URL": service.base,
            "CLIENT_ID": known["client_id"],
            "CLIENT_SECRET": known["client_secret"],
        }
        python(document, python_tools, home, who)
        if node_tools:
            typescript(document, node_tools, home, who)
        else:
            print("TypeScript client: skipped, Node.js is not installed")
    finally:
        if service.process and service.process.poll() is None:
            service.stop()
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute(), Path(sys.argv[2]).absolute() if len(sys.argv) > 2 else None)
