"""What programs look up before they ask: the authorization server (RFC 8414) and the catalogue of APIs (RFC 9727)."""

from app.access.grants import Scope
from tests import make
from tests.oauth.hands import basic, get_token

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


async def test_both_are_for_everybody_and_need_no_database(world, engine):
    for path in (SERVER, CATALOG):
        answer = await world.api.get(path, headers={"Authorization": "Bearer nonsense"})
        assert answer.status_code == 200
