"""What schemathesis cannot read off the OpenAPI document: a fresh key for each request, and which refusals are fair.

Loaded by schemathesis in its own environment; nothing of the service is imported here.
"""

import secrets
from uuid import uuid4

import schemathesis

# Reasons that lie in the service's data or in a rule over several members, where no schema can tell them.
FAIR = {
    "invalid-token",  # schemathesis leaves the token out or spoils it, too
    "insufficient-scope",
    "not-permitted",
    "not-found",
    "conflict",
    "wrong-state",
    "precondition-failed",
    "precondition-required",  # where If-Match may be left out for what is new, and this is not
    "endpoint-not-active",
    "idempotency-in-progress",
    "idempotency-key-reused",
    "invalid-cursor",  # a cursor is signed: none that is made up fits
    "state-secret-refused",
    "webhook-url-forbidden",
    "quota-exceeded",
}
FAIR_FIELDS = {
    "unknown_clause",
    "unknown_regulation",
    "unknown_function",
    "unknown_agency",
    "unknown_event_type",
    "unknown_pointer",
    "duplicate_code",
    "period_reversed",
    "position_of_organisation",
    "no_tasks",
    "too_many_remarks",
    "int_type",  # JSON Schema calls 2027.0 an integer; this service wants 2027
    "missing",  # a reason `other` needs a note
    "forbidden_character",
    "document_needed",  # rules over several members
    "duplicate_area",
    "no_effect_evaluation",
    "not_of_this_kind",
    "one_date",
    "one_of_two",
    "indicator_asked",  # what lies in the service's data
    "no_later_date",
    "nobody_asked",
    "not_in_the_future",
    "section_asked",
    "settled",
    "undated_duty",
    "one_year",
    "never_in_force",
    "placed_twice",
    "unplaced_tasks",
    "unknown_area",
    "unknown_obligation",
    "unknown_report",
    "unknown_resource_type",
    "authorisation_needed",
    "half_a_period",
    "no_start",
    "no_spokesperson",
    "no_place",
    "no_proceedings",
    "no_event",
    "no_addressee",
    "nobody_invited",
    "not_a_press_body",
    "unknown_event",
    "reschedule_instead",
    "only_this",
    "no_series",
    "one_rule",
    "one_end",
    "no_occurrence",
    "unknown_request",
    "asked_already",
    "below_zero",
    "in_the_future",
    "partner_asked",
    "budget_and_reason",
    "line_left_out",
    "no_budget",
    "no_lines",
    "opinion_needed",
    "over_the_total",
    "plan_sent",
    "product_differs",
    "total_too_large",
    "unknown_estimate",
    "unknown_line",
    "not_own_plan",
    "task_not_in_plan",
    "unknown_plan",
    "unknown_provincial_plan",
    "unknown_task",
    "unsettled_differ",
    "needed_first",
    "language_missing",
    "title_derived",
    "unknown_role",
    "no_text",
    "not_taken",
    "has_own_system",
    "no_reason",
    "unknown_reason",
    "no_merge",
    "unknown_record",
    "cannot_go_on",
    "merged_others",
    "unknown_link",
    "link_or_not",
    "no_comment",
    "unknown_country",
    "no_minor_unit",
    "no_amount",
    "same_language",
    "other_language",
    "organisation_only",
}
EDGE = ("413", "414", "431")
HINTS = {"If-None-Match", "Prefer"}
DAYS = {"greater_than_equal", "less_than_equal"}  # JSON Schema has no bounds for a date
WHEN = ("_on", "_date", "_before", "_from", "_start", "_end", "as_of")
FAIR_OAUTH = {"invalid_client", "unsupported_grant_type", "invalid_scope", "invalid_request", "unauthorized_client"}


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """Leave out the headers that are hints: nothing that stands in them is refused.

    No schema can say either that an answer has no body when `Prefer: return=minimal` asks for that. What the edge
    refuses for its size alone is no operation's own answer; it is let pass here, as a problem document.
    """
    for operations in raw_schema["paths"].values():
        for operation in operations.values():
            kept = [found for found in operation.get("parameters", []) if found.get("name") not in HINTS]
            if "parameters" in operation:
                operation["parameters"] = kept
            for status in EDGE:
                operation["responses"].setdefault(status, {"description": "Too large"})


@schemathesis.hook
def before_call(context, case, kwargs):
    """Give each valid request a key of its own, and half of them any version, so that something comes about."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    headers = case.headers or {}
    if "Idempotency-Key" in headers:
        headers["Idempotency-Key"] = str(uuid4())
    # Its coverage phase writes `0` where If-Match may be left out, whatever the pattern says.
    if "If-Match" in headers and (headers["If-Match"] == "0" or secrets.randbelow(2)):
        headers["If-Match"] = "*"


def is_fair(found):
    """Whether one entry of `errors` is about something that the document cannot express."""
    name = found.get("pointer") or found.get("parameter") or ""
    is_day = found["code"] in DAYS and name.endswith(WHEN)
    return found["code"] in FAIR_FIELDS or is_day


@schemathesis.check
def a_valid_request_is_refused_for_a_fair_reason(ctx, response, case):
    """What fits the document is taken, or refused for a reason that the document cannot express."""
    if case.meta is None or not case.meta.generation.mode.is_positive or response.status_code < 400:
        return
    document = response.json()
    if "error" in document:
        assert document["error"] in FAIR_OAUTH, f"refused as {document['error']}"
    elif document["code"] in {"validation-failed", "invalid-parameter"}:
        unfair = [found for found in document["errors"] if not is_fair(found)]
        assert not unfair, f"the document allows it and the service does not: {unfair}"
    else:
        assert document["code"] in FAIR, f"refused as {document['code']}"


@schemathesis.check
def a_refusal_is_a_problem_document(ctx, response, case):
    """Every refusal has the one shape, whatever the status; /oauth answers as RFC 6749 says."""
    if response.status_code < 400 or case.operation.path.startswith("/oauth/"):
        return
    assert response.headers["content-type"] == ["application/problem+json"], response.headers
    if case.method != "HEAD":
        document = response.json()
        assert document["status"] == response.status_code
        assert document["instance"] == response.headers["x-request-id"][0]
