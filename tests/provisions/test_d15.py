"""Điều 15: what the press of the province runs."""

import pytest

from tests import make
from tests.provisions.hands import OUTSIDER, PRESS, get, post, told


@pytest.mark.provision("QC.D15.K1")
async def test_qc_d15_k1_the_press_opens_pages_columns_and_reportages_for_the_world(world):
    """«Mở chuyên trang, chuyên mục, phóng sự … ra thế giới và thông tin về thế giới vào tỉnh»."""
    for kind in ("page", "column", "reportage"):
        product = await post(world, PRESS, "/v1/press-products", make.a_product(kind=kind))
        for slug in (make.COORDINATOR, OUTSIDER):
            assert "QC.D15.K1" in (await told(world, slug, product))["press_product.published"]
    listed = (await get(world, OUTSIDER, "/v1/press-products"))["items"]
    assert sorted(item["kind"] for item in listed) == ["column", "page", "reportage"]
    refused = await (await world.as_(make.DISTRICT)).post("/v1/press-products", make.a_product())
    assert refused.status_code == 403, "only the press publishes"


@pytest.mark.provision("QC.D15.K2")
async def test_qc_d15_k2_the_press_informs_regularly(world):
    """«Thông tin thường xuyên về tình hình, hoạt động đối ngoại của tỉnh và đất nước»."""
    body = make.a_product(title="Điểm tin đối ngoại", audience="provincial_public", frequency="Hằng tuần")
    product = await post(world, PRESS, "/v1/press-products", body)
    assert (product["frequency"], product["audience"]) == ("Hằng tuần", "provincial_public")
    assert "QC.D15.K2" in (await told(world, make.COORDINATOR, product))["press_product.published"]
    answer = await (await world.as_(PRESS)).put(
        f"/v1/press-products/{product['id']}", body | {"frequency": "Hằng ngày"}, product["etag"]
    )
    assert answer.status_code == 200, answer.text
    assert "press_product.changed" in await told(world, make.COORDINATOR, product)
