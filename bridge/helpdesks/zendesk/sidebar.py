"""The sidebar app as Zendesk wants it: checked, filled in, packed.

The app is a folder (`zendesk-app/`) with a manifest, translations and assets. Zendesk validates an
upload on its own servers only, so what its rules say is checked here first:
https://github.com/zendesk/zendesk_apps_support/tree/master/lib/zendesk_apps_support/validations and
https://developer.zendesk.com/documentation/apps/app-developer-guide/manifest/.
"""

from __future__ import annotations

import io
import json
import re
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from marshmallow import Schema, ValidationError, fields, validate

MANIFEST, WORDS = "manifest.json", "assets/words.js"
LANGUAGES = ("en", "de")
# https://developer.zendesk.com/documentation/apps/publish-your-app-or-theme/create_assets
LOGOS = {"assets/logo.png": (320, 320), "assets/logo-small.png": (128, 128)}
SDK = "https://static.zdassets.com/zendesk_app_framework_sdk/2.0/zaf_sdk.min.js"
"""The framework's own script, from where Zendesk says that apps take it:
https://developer.zendesk.com/documentation/apps/app-developer-guide/getting_started/."""
LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The date of every file in the archive, so that the same app is the same archive."""
_CALLED = re.compile(r"\b(?:t|counted)\(\s*\"([a-z_]+)\"")
_BLANK = re.compile(r"\{(\w+)\}")
_SEVERAL = re.compile(r"\bcounted\(\s*\"([a-z_]+)\"")


class NotAnApp(Exception):
    """Zendesk would refuse this app, or it could not work there. `problems` says why, in order."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class AuthorSchema(Schema):
    name = fields.String(required=True, validate=validate.Length(min=1))
    email = fields.Email(required=True)
    url = fields.Url(schemes={"https"})


class PlaceSchema(Schema):
    url = fields.String(required=True, validate=validate.Regexp(r"assets/[\w.-]+\Z"))
    flexible = fields.Boolean(required=True, truthy={True}, falsy={False})


class SupportSchema(Schema):
    ticket_sidebar = fields.Nested(PlaceSchema, required=True)


class LocationSchema(Schema):
    support = fields.Nested(SupportSchema, required=True)


class ParameterSchema(Schema):
    name = fields.String(required=True, validate=validate.Regexp(r"(?!name\Z)[a-z_]+\Z"))
    type = fields.String(required=True, validate=validate.OneOf(("text", "checkbox", "url")))
    required = fields.Boolean(truthy={True}, falsy={False})
    secure = fields.Boolean(truthy={True}, falsy={False})
    scopes = fields.List(fields.String(validate=validate.OneOf(("jwt_secret_key",))))


class ManifestSchema(Schema):
    name = fields.String(required=True)
    author = fields.Nested(AuthorSchema, required=True)
    defaultLocale = fields.String(required=True, validate=validate.OneOf(LANGUAGES))
    private = fields.Boolean(required=True, truthy={True}, falsy={False})
    location = fields.Nested(LocationSchema, required=True)
    version = fields.String(required=True, validate=validate.Regexp(r"\d+\.\d+"))
    frameworkVersion = fields.String(required=True, validate=validate.Equal("2.0"))
    domainWhitelist = fields.List(
        # A host and nothing else: no scheme, no port, no path.
        fields.String(validate=validate.Regexp(r"(?=.*[a-z0-9])[a-z0-9.-]+\Z")),
        required=True,
        validate=validate.Length(equal=1),
    )
    parameters = fields.List(fields.Nested(ParameterSchema), required=True)


def files_of(folder: Path) -> dict[str, bytes]:
    """The app's files by their names in the archive, with its words as a module.

    Only what Zendesk takes: the manifest, translations, assets.
    """
    names = [MANIFEST]
    for part in ("translations", "assets"):
        found = sorted((folder / part).rglob("*"))
        names += [one.relative_to(folder).as_posix() for one in found if one.is_file()]
    files = {name: (folder / name).read_bytes() for name in names if (folder / name).is_file()}
    return files | {WORDS: words_module(files)}


def words_module(files: Mapping[str, bytes]) -> bytes:
    """The translations as the app's scripts import them: Zendesk serves nothing but assets."""
    words = {}
    for language in LANGUAGES:
        try:
            read = json.loads(files.get(f"translations/{language}.json", b"{}"))
        except ValueError:
            continue  # told by `problems`
        words[language] = read.get("sidebar", {}) if isinstance(read, dict) else {}
    shown = json.dumps(words, ensure_ascii=False, indent=1, sort_keys=True)
    return f"// Made from the translations.\nexport const WORDS = {shown};\n".encode()


def filled(files: Mapping[str, bytes], bridge_url: str, version: str) -> dict[str, bytes]:
    """The app for one installation. Raises `NotAnApp` for an address that Zendesk cannot call."""
    address = urlsplit(bridge_url)
    if address.scheme not in ("https", "http") or not address.hostname:
        raise NotAnApp((f"{bridge_url!r} is no address: it begins with https://",))
    manifest = json.loads(files[MANIFEST])
    manifest["domainWhitelist"] = [address.hostname]
    manifest["version"] = version
    shown = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    return dict(files) | {MANIFEST: shown.encode()}


def problems(files: Mapping[str, bytes]) -> tuple[str, ...]:
    """Everything because of which the app would be refused, or lack words, in plain sentences."""
    found: list[str] = []
    try:
        manifest: dict[str, Any] = ManifestSchema().load(json.loads(files.get(MANIFEST, b"")))
    except (ValueError, ValidationError) as error:
        where = error.messages if isinstance(error, ValidationError) else "it is no JSON"
        return (f"{MANIFEST}: {where}",)
    page = manifest["location"]["support"]["ticket_sidebar"]["url"]
    if page not in files:
        found.append(f"{MANIFEST}: {page} is not there")
    elif SDK.encode() not in files[page]:
        found.append(f"{page}: the framework's script is not in it")
    names = tuple(parameter["name"] for parameter in manifest["parameters"])
    found += [
        f"{MANIFEST}: {parameter['name']} is not secure"
        for parameter in manifest["parameters"]
        if "secret" in parameter["name"] and not parameter.get("secure")
    ]
    found += _words_problems(files, names)
    for name, size in LOGOS.items():
        if size_of(files.get(name, b"")) != size:
            found.append(f"{name}: a PNG of {size[0]} by {size[1]} pixels is wanted")
    return tuple(found)


def _words_problems(files: Mapping[str, bytes], parameters: tuple[str, ...]) -> list[str]:
    found: list[str] = []
    known: dict[str, dict[str, str]] = {}
    for language in LANGUAGES:
        name = f"translations/{language}.json"
        try:
            read = json.loads(files.get(name, b""))
        except ValueError:
            found.append(f"{name}: no JSON")
            continue
        app = read.get("app", {})
        if not app.get("name"):
            found.append(f"{name}: app.name is missing")
        labelled = {key for key, one in app.get("parameters", {}).items() if one.get("label")}
        found += [f"{name}: no label for {one}" for one in parameters if one not in labelled]
        known[language] = read.get("sidebar", {})
    said = set().union(*known.values())
    for language, words in known.items():
        name = f"translations/{language}.json"
        found += [f"{name}: {key} is missing" for key in sorted(said - set(words))]
    for key in sorted(said):
        blanks = {
            frozenset(re.findall(r"\{(\w+)\}", words.get(key, ""))) for words in known.values()
        }
        if len(blanks) > 1:
            found.append(f"translations: {key} has not the same blanks in each language")
    for key in sorted(called(files) - said):
        found.append(f"assets: {key} is said and stands in no translation")
    return found


def called(files: Mapping[str, bytes]) -> set[str]:
    """The words that the scripts ask for by a plain name."""
    keys: set[str] = set()
    for name, content in files.items():
        if name.endswith(".js") and name != WORDS:
            text = content.decode()
            several = set(_SEVERAL.findall(text))
            keys |= set(_CALLED.findall(text)) - several
            keys |= {f"{key}_{form}" for key in several for form in ("one", "many")}
    return keys


def size_of(png: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG, None for anything else. https://www.w3.org/TR/png-3/#11IHDR"""
    if png[:8] != b"\x89PNG\r\n\x1a\n" or png[12:16] != b"IHDR" or len(png) < 24:
        return None
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def packed(files: Mapping[str, bytes]) -> bytes:
    """The archive an admin uploads, the same for the same files. Raises `NotAnApp`."""
    if found := problems(files):
        raise NotAnApp(found)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        for name in sorted(files):
            about = zipfile.ZipInfo(name, LONG_AGO)
            about.compress_type = zipfile.ZIP_DEFLATED
            about.create_system = 3
            about.external_attr = 0o644 << 16
            opened.writestr(about, files[name])
    return archive.getvalue()
