"""What programs look up before they ask: the authorization server (RFC 8414) and the catalogue of APIs (RFC 9727)."""

import pytest

from app.access.grants import Scope
from tests import make
from tests.oauth.hands import FORM, basic, get_token
from tests.shape import assert_problem

SERVER, CATALOG = "/.well-known/oauth-authorization-server", "/.well-known/api-catalog"


async def test_a_client_that_knows_only_the_issuer_finds_everything_it_needs(world):
    answer = await world.api.get(SERVER)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    metadata = answer.json()
    assert metadata["issuer"] == "http://test"
    assert metadata["grant_types_supported"] == ["client_credentials"]
    assert metadata["response_types_supported"] == []
    assert metadata["scopes_supported"] == sorted(scope.value for scope in Scope)
    made = await world.credentials(make.DISTRICT)
    form = {"grant_type": metadata["grant_types_supported"][0]}
    token = (await world.api.post(metadata["token_endpoint"], data=form, auth=basic(made))).json()["access_token"]
    await world.refresh()
    told = await world.api.post(metadata["introspection_endpoint"], data={"token": token}, auth=basic(made))
    assert told.json()["iss"] == metadata["issuer"]
    ended = await world.api.post(metadata["revocation_endpoint"], data={"token": token}, auth=basic(made))
    assert ended.status_code == 200
    assert (await world.api.get(metadata["jwks_uri"])).json()["keys"]
    assert (await world.api.get(metadata["service_documentation"])).status_code == 200
    for name in ("token", "revocation", "introspection"):
        assert metadata[f"{name}_endpoint_auth_methods_supported"] == ["client_secret_basic"]
    assert await get_token(world.api, made)


async def test_the_catalogue_leads_to_the_description_the_documentation_and_the_status(world):
    answer = await world.api.get(CATALOG)
    assert answer.headers["Content-Type"] == (
        'application/linkset+json; profile="https://www.rfc-editor.org/info/rfc9727"'
    )
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    ((api,),) = answer.json().values()
    assert api["anchor"] == "http://test/"
    for relation in ("service-desc", "service-doc", "status"):
        (link,) = api[relation]
        found = await world.api.get(link["href"])
        assert found.status_code == 200, relation
        assert found.headers["Content-Type"].startswith(link["type"])


async def test_asking_for_the_catalogue_s_head_tells_where_it_is(world):
    answer = await world.api.head(CATALOG)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Link"] == '<http://test/.well-known/api-catalog>; rel="api-catalog"'


@pytest.mark.parametrize("path", [SERVER, CATALOG])
async def test_both_hear_what_is_accepted_and_preferred_as_everything_else_does(api, path):
    for kind in ("application/json", "application/linkset+json", "application/*", "text/html, */*;q=0.1"):
        assert (await api.get(path, headers={"Accept": kind})).status_code == 200
    await assert_problem(api, await api.get(path, headers={"Accept": "text/html"}), "not-acceptable")
    strict = {"Prefer": "handling=strict"}
    assert (await api.get(path, headers=strict)).headers["Preference-Applied"] == "handling=strict"
    await assert_problem(api, await api.get(path, params={"x": 1}, headers=strict), "invalid-parameter")


async def test_a_token_is_json_whatever_is_accepted_and_preferred(world):
    made = await world.credentials(make.DISTRICT)
    for accepted in ("application/x-www-form-urlencoded", "text/html"):
        headers = {"Accept": accepted, "Prefer": "handling=strict, return=minimal"}
        answer = await world.api.post("/oauth/token?x=1", data=FORM, auth=basic(made), headers=headers)
        assert answer.status_code == 200
        assert answer.json()["access_token"]


async def test_both_are_for_everybody_and_need_no_database(world, engine):
    for path in (SERVER, CATALOG):
        answer = await world.api.get(path, headers={"Authorization": "Bearer nonsense"})
        assert answer.status_code == 200
