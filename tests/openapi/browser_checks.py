"""The documentation pages in a real browser, without another host: `make test-browser`."""

import asyncio
import socket
from urllib.parse import urlsplit

import pytest
import uvicorn
from cryptography.fernet import Fernet

from app.kit.vault import Vault
from app.main import create_app
from app.settings import Settings
from tests.openapi.browser import PROGRAM, opened
from tests.openapi.stage import operations

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="no Chromium on this machine: nothing was checked in a browser")
SHOWN = {
    "/docs": "document.querySelectorAll('.opblock').length",
    "/redoc": 'document.querySelectorAll(\'[data-section-id*="/operation/"], [id*="/operation/"]\').length',
}


@pytest.fixture
async def site():
    """The service on a port of its own; the pages need no database."""
    app = create_app(Settings(_env_file=None), Vault(Fernet.generate_key().decode()))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_level="warning"))
        serving = asyncio.create_task(server.serve([listener]))
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", app.openapi()
        server.should_exit = True
        await serving


@pytest.mark.parametrize("path", SHOWN)
async def test_a_page_shows_every_operation_breaks_no_rule_and_asks_no_other_host(site, path):
    base, document = site
    async with opened(f"{base}{path}") as page:
        await page.until(f"{SHOWN[path]} >= {len(operations(document))}")
        text = await page.value("document.body.innerText")
        for _, _, operation in operations(document).values():
            assert operation["x-summary-vi"] in text
        await asyncio.sleep(1)  # what is fetched late
        assert page.said == []
        assert page.failed == []
        others = {
            url for url in page.requests if urlsplit(url).scheme not in {"data", "blob"} and not url.startswith(base)
        }
        assert others == set()
        assert f"{base}/openapi.json" in page.requests


@pytest.mark.parametrize("path", SHOWN)
async def test_the_policy_is_real_a_script_of_the_page_itself_does_not_run(site, path):
    base, _ = site
    async with opened(f"{base}{path}") as page:
        await page.until("document.readyState === 'complete'")
        await page.value(
            "(() => { const s = document.createElement('script'); s.textContent = 'window.ran = 1';"
            " document.head.append(s); })()"
        )
        await page.value("fetch('http://127.0.0.2:9/').catch(() => 0)")
        assert await page.value("window.ran === undefined")
        async with asyncio.timeout(10):
            while len([line for line in page.said if "Content Security Policy" in line]) < 2:  # noqa: ASYNC110
                await asyncio.sleep(0.1)


async def test_redoc_finds_an_operation_without_diacritics_being_lost(site):
    base, document = site
    async with opened(f"{base}/redoc") as page:
        await page.until(f"{SHOWN['/redoc']} >= {len(operations(document))}")
        await page.value(
            "(() => { const i = document.querySelector('[role=search] input'); i.focus();"
            " Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(i, 'webhook');"
            " i.dispatchEvent(new Event('input', {bubbles: true})); })()"
        )
        await page.until("document.querySelectorAll('[data-role=\"search:results\"] li').length > 0")
        assert page.said == []
