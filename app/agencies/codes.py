"""Electronic identifiers (mã định danh điện tử): both forms are read, the newer one is kept.

`H15.15` (QĐ 20/2020/QĐ-TTg, from the left: province, then its agencies) is the legacy `000.00.15.H15`
(QCVN 102:2016/BTTTT, from the right) turned round, without the empty groups at its end.
"""

import re

_LEGACY = re.compile(r"\d{3}\.\d{2}\.\d{2}\.[A-Y]\d{2}")


def canonical(value: str) -> str:
    """The canonical form of an identifier in either form; any other code as it is, in capitals."""
    code = value.strip().upper()
    if not _LEGACY.fullmatch(code):
        return code
    groups = code.split(".")[::-1]
    while len(groups) > 1 and not groups[-1].strip("0"):
        groups.pop()
    return ".".join(groups)
