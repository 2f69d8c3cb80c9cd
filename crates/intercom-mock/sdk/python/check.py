"""Runs the official Python client against the mock. Prints a line for each step and exits with 1 at the first mismatch.

INTERCOM_BASE_URL is the base URL of the mock. Start the mock with a rate limit of a few dozen requests a window, so that
the last step is short. INTERCOM_ACCESS_TOKEN is the mock's token (default: mock-token).
"""

import os
import re
import sys
import time

from intercom import (
    CreateContactRequestWithEmail,
    Intercom,
    MultipleFilterSearchRequest,
    SingleFilterSearchRequest,
    StartingAfterPaging,
)
from intercom.contacts.types.contact import Contact
from intercom.core.api_error import ApiError
from intercom.core.request_options import RequestOptions

BASE_URL = os.environ.get("INTERCOM_BASE_URL") or sys.exit("INTERCOM_BASE_URL is not set")
TOKEN = os.environ.get("INTERCOM_ACCESS_TOKEN", "mock-token")

# Unique names, so that the check can run twice against one server.
RUN = f"{os.getpid()}-{time.time_ns()}"
EMAIL = f"python-{RUN}@example.com"
EXTERNAL_ID = f"python-{RUN}"

CLIENT = Intercom(base_url=BASE_URL, token=TOKEN)
NO_RETRY = RequestOptions(max_retries=0)


def same(actual, expected):
    if actual != expected:
        raise AssertionError(f"{actual!r} instead of {expected!r}")


def refused(status, call):
    try:
        call()
    except ApiError as error:
        same(error.status_code, status)
        body = error.body if isinstance(error.body, dict) else error.body.dict()
        same(body["type"], "error.list")
        same(body["request_id"], error.headers["x-request-id"])
        return error, body["errors"][0]
    raise AssertionError(f"no error, expected {status}")


def is_contact(contact):
    # The client does not validate its models, so check every declared type here.
    strict = Contact.model_validate(contact.model_dump())
    same(strict.type, "contact")
    for field, kind in {"id": str, "workspace_id": str, "role": str, "created_at": int, "has_hard_bounced": bool}.items():
        same(type(getattr(strict, field)), kind)
    for members in (strict.tags, strict.notes, strict.companies):
        same(members.data, [])


def identify(_):
    admin = CLIENT.admins.identify()
    same((admin.type, admin.app.type), ("admin", "app"))
    return f"{admin.name} of {admin.app.name}"


def create(state):
    request = CreateContactRequestWithEmail(email=EMAIL, name="Ada", custom_attributes={"plan": "pro"})
    contact = CLIENT.contacts.create(request=request)
    is_contact(contact)
    state["id"] = contact.id
    return contact.id


def find(state):
    contact = CLIENT.contacts.find(state["id"])
    is_contact(contact)
    same(contact.email, EMAIL)
    return contact.email


def find_missing_contact(_):
    _, item = refused(404, lambda: CLIENT.contacts.find("0" * 24, request_options=NO_RETRY))
    return item["code"]


def update(state):
    contact = CLIENT.contacts.update(state["id"], name="Grace", external_id=EXTERNAL_ID)
    same((contact.name, contact.external_id), ("Grace", EXTERNAL_ID))
    same(CLIENT.contacts.show_contact_by_external_id(EXTERNAL_ID).id, state["id"])
    return contact.name


def search(_):
    CLIENT.contacts.create(request=CreateContactRequestWithEmail(email=f"second-{EMAIL}"))
    filters = [("email", "~", EMAIL), ("role", "=", "user")]
    tests = [SingleFilterSearchRequest(field=field, operator=operator, value=value) for field, operator, value in filters]
    query = MultipleFilterSearchRequest(operator="AND", value=tests)
    # The client's own pager requests the first page of a search again and again (seen in 5.0.1), so page by hand.
    found, paging = [], StartingAfterPaging(per_page=1)
    for _ in range(2):
        page = CLIENT.contacts.search(query=query, pagination=paging)
        found += [contact.email for contact in page.items]
        next_page = page.response.pages.next
        paging = StartingAfterPaging(per_page=1, starting_after=next_page and next_page.starting_after)
    same(next_page, None)
    same(found, [EMAIL, f"second-{EMAIL}"])
    return f"{len(found)} in pages of 1"


def list_all(_):
    found = [contact.email for contact in CLIENT.contacts.list(per_page=1)]
    same([email for email in found if email.endswith(EMAIL)], [EMAIL, f"second-{EMAIL}"])
    return f"{len(found)} in pages of 1"


def conflict(state):
    request = CreateContactRequestWithEmail(email=EMAIL)
    _, item = refused(409, lambda: CLIENT.contacts.create(request=request, request_options=NO_RETRY))
    same(item["code"], "conflict")
    existing = re.fullmatch(r"A contact matching those details already exists with id=([0-9a-f]{24})", item["message"])
    same(existing.group(1), state["id"])
    return f"existing id {existing.group(1)}"


def archive_and_unarchive(state):
    same(CLIENT.contacts.archive(state["id"]).archived, True)
    same(CLIENT.contacts.unarchive(state["id"]).archived, False)
    return "both ways"


def wrong_token(_):
    stranger = Intercom(base_url=BASE_URL, token="wrong")
    error, item = refused(401, lambda: stranger.admins.identify(request_options=NO_RETRY))
    same(error.headers.get("x-ratelimit-limit"), None)
    return item["message"]


def rate_limit(_):
    for _ in range(1_000):
        try:
            CLIENT.admins.identify(request_options=NO_RETRY)
        except ApiError as caught:
            error, item = refused(429, lambda: (_ for _ in ()).throw(caught))
            same(item["code"], "rate_limit_exceeded")
            limit = int(error.headers["x-ratelimit-limit"])
            if not item["message"].startswith(f"Exceeded rate limit of {limit} in "):
                raise AssertionError(item["message"])
            same(int(error.headers["x-ratelimit-remaining"]), 0)
            same(int(error.headers["x-ratelimit-reset"]) > 0, True)
            return item["message"]
    raise AssertionError("1,000 requests and no 429: start the mock with a rate limit")


STEPS = [identify, create, find, find_missing_contact, update, search, list_all, conflict, archive_and_unarchive, wrong_token, rate_limit]


def main():
    state = {}
    for step in STEPS:
        name = step.__name__.replace("_", " ")
        try:
            print(f"python: {name}: {step(state)}", flush=True)
        except Exception as error:  # noqa: BLE001 - any mismatch ends the check
            print(f"python: {name}: MISMATCH: {type(error).__name__}: {error}", flush=True)
            sys.exit(1)


if __name__ == "__main__":
    main()
