#!/usr/bin/env python3
"""Classifies error responses of Intercom's API with nothing but catalog.json: a reference for other languages.

    classify.py < RESPONSES         reads a row of the vectors from each line, and prints what its response means
    classify.py --check VECTORS     runs the vectors, except those that need more than NEEDS
"""
from __future__ import annotations
import itertools, json, posixpath, re, sys
from pathlib import Path
from typing import Any, Callable, Iterable, Iterator, NamedTuple
from urllib.parse import unquote

DATA = json.loads(Path(__file__).with_name("catalog.json").read_text("utf-8"))
CODES = {row["code"]: row for row in DATA["codes"]}
RESENDS = [row["resend"] for row in DATA["resends"]]
LIMITS, PATTERNS, HEADERS = DATA["body"]["limits"], DATA["patterns"], DATA["headers"]
NEEDS = {"byte_order_mark", "deep_nesting", "form_feeds", "invalid_utf8", "large_numbers", "lone_surrogates"}
LIST, BOM, SPACE = "error.list", b"\xef\xbb\xbf", b" \t\n\f\r"

Item = NamedTuple("Item", [("code", "str | None"), ("message", "str | None")])
Class = NamedTuple("Class", [("category", str), ("resend", str), ("action", str)])
class Number(str): """A number as it is written."""

# The step `parse`: the kind of a body, its items, its request ids, and whether it is, or encloses, an error list.
def parse(raw: bytes) -> tuple[str, list[Item], list[str], bool]:
    text = raw.removeprefix(BOM).strip(SPACE).decode("utf-8", "replace")
    try:  # `int` refuses NaN and Infinity, which are not JSON.
        body = json.loads(text, parse_int=Number, parse_float=Number, parse_constant=int) if text else None
    except (ValueError, RecursionError):
        return "raw", [], [], False
    if isinstance(body, dict):
        return parse_object(body)
    items, ids, has_list = [], [], False
    for element in body if isinstance(body, list) else ():
        inner = enclosed(element, LIMITS["enclosed_depth"], ids)
        items += inner + [one for one in items_of(element, "list") if one.code in CODES] if inner else items_of(element, "list")
        has_list = has_list or bool(inner)
    return "known" if items else "json" if text else "empty", items, ids, has_list

def parse_object(body: dict) -> tuple[str, list[Item], list[str], bool]:
    items = [item for key, value in body.items() if key in ("error", "errors") for item in items_of(value, key)]
    own_code = code_of(body.get("error_key")) or code_of(body.get("code"))
    items += filter(any, [Item(own_code, text_of(body.get("message")))])
    has_list = text_of(body.get("type")) == LIST or isinstance(body.get("errors"), list)
    kind = "error_list" if has_list else "known" if items or text_of(body.get("type")) == "error" else "json"
    nested = (isinstance(value, dict) or isinstance(value, list) and key != "errors" for key, value in body.items())
    ids: list[str] = []
    may_enclose = any(nested) or any(item.code == LIST for item in items)
    if may_enclose and (inner := enclosed(body, LIMITS["enclosed_depth"], ids)):
        around = [] if text_of(body.get("type")) == LIST else [one for one in items if one.code in CODES]
        return "known" if kind == "json" else kind, inner + around, ids, True
    return kind, items, [one for one in [word_of(body.get("request_id"))] if one], has_list

def enclosed(value: Any, depth: int, ids: list[str]) -> list[Item]:
    """Returns the items of the innermost error lists in a value. Adds the request ids around them."""
    items: list[Item] = []
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members if depth else ():
        if key == "request_id":
            ids += filter(None, [word_of(member)])
        elif key == "errors" and value.get("type") == LIST and isinstance(member, list):
            for one in member:
                is_list = isinstance(one, dict) and one.get("type") == LIST
                items += is_list and enclosed(one, depth - 1, ids) or items_of(one, "list")
        else:
            items += enclosed(member, depth - 1, ids)
    return items

def items_of(value: Any, place: str) -> list[Item]:
    """Returns the items of a value: of the member `error` or `errors`, of an element of a `list`, or of a `field`."""
    if place == "field" and not isinstance(value, dict):
        return [Item(None, text_of(value))] if text_of(value) else []
    if isinstance(value, list) and place != "list":
        return [item for one in value for item in items_of(one, "list")]
    if isinstance(value, dict):
        item = Item(code_of(value.get("code")) or code_of(value.get("type")), text_of(value.get("message")))
        is_item = item.code or item.message if place == "error" else is_word(item.code) and item.message
        if place in ("list", "field") or is_item and item.code != LIST:
            return [item]
        return [] if item.code == LIST else list(by_field(value, LIMITS["field_depth"]))
    return [Item(value, None) if is_word(value) else Item(None, text_of(value))] if type(value) is str else []

def by_field(fields: dict, depth: int) -> Iterator[Item]:
    for value in fields.values():
        if isinstance(value, dict) and depth > 1:
            yield from by_field(value, depth - 1)
        for one in value if isinstance(value, list) else [text_of(value)]:
            yield from items_of(one, "field")

def is_word(text: str | None) -> bool:
    return text is not None and re.fullmatch(PATTERNS["code"], text) is not None
def code_of(value: Any) -> str | None:
    word = word_of(value)
    return word.lower() if word and word.isascii() and word.lower() in CODES else word
def word_of(value: Any) -> str | None:
    text = text_of(value)
    return text if text and text.strip() not in ("", "true", "false") else None
def text_of(value: Any) -> str | None:
    text = str(value).lower() if isinstance(value, bool) else value if isinstance(value, str) else ""
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace") or None

# The other steps of `order` in catalog.json, up to `case`. Each takes the first row of its table that matches.
def explain(row: dict) -> dict:
    body = json.dumps(row["body"]) if "body" in row else row.get("raw", "")
    raw = bytes.fromhex(row["hex"]) if "hex" in row else body.encode()
    headers = [(name.lower(), one.strip()) for name, value in row.get("headers", {}).items()
               for one in ([value] if isinstance(value, str) else value) if one.strip()]
    values = {key: [value for name, value in headers if name == known] for key, known in HEADERS.items()}
    kind, items, ids, has_list = parse(raw)
    items = [item._replace(code=None) if item.code == LIST else item for item in items[:LIMITS["items"]]]
    kind = "encoded" if kind == "raw" and (values["content_encoding"] or ["identity"])[0] != "identity" else kind
    page = raw.removeprefix(BOM).lstrip(SPACE)[:LIMITS["html_bytes"]].decode("latin-1") if kind == "raw" else ""
    is_html = is_like("html_page", page) or any(is_like("html_type", one) for one in values["content_type"])
    has_link = any(is_like("canonical_link", part) for one in values["link"] for part in one.split(","))
    ids, firewall = ids + values["request_id"], "".join(values["firewall"][:1]).lower()
    signs = {"firewall_header": firewall, "html": is_html and kind in ("raw", "encoded"),
             "of_the_api": has_list or ids, "status": True}
    sender = first("evidence", row, lambda rule: signs[rule["sign"]] and firewall in (rule["values"] or [firewall]))
    cls, case = (class_of(sender), sender["case"]) if sender and sender["category"] else (
        with_request(row, class_of_items(row, items, has_list, has_link), items))
    return {**cls._asdict(), "answered_by": sender["answered_by"] if sender else "unknown", "body": kind,
            "code": next((item.code for item in items if item.code), None), "known_case": case,
            "message": next((item.message for item in items if item.message), None),
            "request_id": ids[0] if ids else None, "existing_contact": contact_of(items)[0]}

def class_of_items(row: dict, items: list[Item], has_list: bool, has_link: bool) -> Class:
    def by_message(item: Item) -> dict | None:
        return first("messages", row, lambda rule: rule["code"] in (None, item.code) and is_match(rule, item.message))
    def by_code(item: Item) -> dict | None:
        code, client = CODES.get(item.code), DATA["client_codes"]
        is_of_client = code and code["statuses"] and all(has(client["statuses"], known) for known in code["statuses"])
        return None if is_of_client and has(client["ignored_with"], row["status"]) else code
    def refuses(item: Item) -> bool:
        rule = by_message(item) or CODES.get(item.code)
        return bool(rule) and rule["resend"] == "safe" and has(rule["statuses"], row["status"])
    classes = [class_of(by_message(item)) or class_of(by_code(item), [item]) for item in items]
    known = [cls for cls in classes if cls]
    undone = [cls for cls in known if cls.action != DATA["done"]]
    same = known if len(set(classes)) == 1 else []
    by_status = first("statuses", row, lambda rule: has_link or not rule["links_to_contact"])
    cls = [*undone, *same, class_of(by_status, items)][0]
    needs = {"error_list": has_list, "one_item": len(items) == 1, "refusals": items and all(map(refuses, items))}
    ceiling = first("ceilings", row, lambda rule: all(needs[need] for need in rule["needs"]))
    return cls._replace(resend=min(ceiling["most"], cls.resend, *(one.resend for one in known), key=RESENDS.index))

def with_request(row: dict, cls: Class, items: list[Item]) -> tuple[Class, str | None]:
    method, target = row.get("method"), row.get("path", "")
    names = [part.split("=")[0] for part in target.split("#")[0].partition("?")[2].split("&")]
    def is_of(rule: dict) -> bool:
        return rule["path"] is None or method is not None and method in (rule["methods"] or [method]) and is_path(
            rule["path"], target)
    def is_met(needs: dict | None) -> bool:
        return not needs or (needs["category"], needs["action"]) == (cls.category, cls.action) and all(
            item.code in (needs["codes"] or [item.code]) for item in items if item.code)
    rule = first("requests", row, lambda r: is_of(r) and is_met(r["needs"]) and r["parameter"] in [None, *names])
    cls = cls._replace(resend="never", action=rule["action"]) if rule and rule["action"] else cls
    case = first("cases", row, lambda r: is_of(r) and r["action"] == cls.action and not (r["without_items"] and items))
    return cls, case and case["case"]

def first(table: str, row: dict, test: Callable[[dict], Any]) -> dict | None:
    return next((rule for rule in DATA[table] if has(rule["statuses"], row["status"]) and test(rule)), None)
def has(statuses: list | None, status: int) -> bool:
    return statuses is None or any(s == status if isinstance(s, int) else s[0] <= status <= s[1] for s in statuses)
def class_of(row: dict | None, items: Iterable[Item] = ()) -> Class | None:
    """Returns the class of a row. If the items name an existing contact, its row gives the action."""
    contact, named = contact_of(items)
    row = {**row, "action": named["action"]} if row and named and row["category"] == named["category"] else row
    return Class(row["category"], row["resend"], row["action"]) if row and row["category"] else None
def contact_of(items: Iterable[Item]) -> tuple[dict | None, dict | None]:
    for item, row in itertools.product(items, DATA["existing_contacts"]):
        pattern = re.escape(row["pattern"]).replace(re.escape("{id}"), f"({PATTERNS['id']})")
        if match := re.fullmatch(pattern, (item.message or "").strip()):
            return {"id": match[1], "archived": row["archived"]}, row
    return None, None
def is_match(rule: dict, message: str | None) -> bool:
    text = (message or "") if rule["pattern"].endswith(".") else (message or "").rstrip(".")
    return re.fullmatch(".*".join(map(re.escape, rule["pattern"].split("*"))), text, re.DOTALL) is not None
def is_like(name: str, text: str) -> bool:
    return re.match(PATTERNS[name], text, re.IGNORECASE | re.DOTALL) is not None

def is_path(pattern: str, target: str) -> bool:
    path = "/" + unquote(re.sub("^[^/]*://[^/]*", "", re.split("[?#]", target)[0])).replace("\\", "/")
    parts, segments = ([part for part in posixpath.normpath(one).split("/") if part] for one in (pattern, path))
    if parts[-1] == "*":
        parts, segments = parts[:-1], segments[:len(parts) - 1]
    return len(parts) == len(segments) and all(part[0] == "{" or part == one for part, one in zip(parts, segments))

def main(arguments: list[str]) -> int:
    if arguments[:1] != ["--check"]:
        for line in sys.stdin:
            print(json.dumps({key: value for key, value in explain(json.loads(line)).items() if value is not None}))
        return 0
    rows = json.loads(Path(arguments[1]).read_text("utf-8"))
    able = [(row, explain(row)) for row in rows if NEEDS.issuperset(row.get("needs", []))]
    wrong = [f"{row['name']}: {key} is {value!r}" for row, found in able for key, value in found.items()
             if value != row["expect"].get(key)]
    print(*wrong, f"{len(able)} of {len(rows)} vectors run, {len(wrong)} differences", sep="\n")
    return bool(wrong)

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
