"""schemathesis comes pinned and hashed like everything else, from no address of its own."""

import re

from tests.house.test_house import ROOT


def test_the_lock_file_of_the_fuzzer_has_hashes_and_no_index_address():
    text = (ROOT / "tests" / "fuzz" / "requirements.lock").read_text()
    assert not re.search(r"https?://|index-url|find-links", text)
    pinned = re.findall(r"^[a-z0-9][^ ]*==", text, re.MULTILINE)
    assert "schemathesis==" in pinned
    assert len(pinned) == len(re.findall(r"^[a-z0-9][^\n]*\\\n    --hash=sha256:", text, re.MULTILINE))
