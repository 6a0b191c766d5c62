"""PATCH as RFC 7396 says: members replace, null removes, arrays are replaced whole."""

from typing import Annotated, Any

from fastapi import Body, Depends, Request

from app.kit.problems import UnsupportedMediaType

MERGE_PATCH = "application/merge-patch+json"


def merged(target: Any, patch: Any) -> Any:
    """The target with the patch applied; the reader of the body has bounded how deep it goes."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


async def merge_patch(request: Request) -> None:
    """Refuse a PATCH in another media type (415), and say which one is read."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != MERGE_PATCH:
        raise UnsupportedMediaType(headers={"Accept-Patch": MERGE_PATCH}, expected=MERGE_PATCH)


MergePatchType = Depends(merge_patch)
MergePatch = Annotated[dict[str, Any], Body(media_type=MERGE_PATCH)]
