"""The sidebar app's package: what Zendesk would refuse is refused here first."""

from __future__ import annotations

import importlib.util
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bridge.helpdesks.zendesk import sidebar

HOME = Path(__file__).resolve().parents[3]
FOLDER = HOME / "zendesk-app"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the app is not part of the wheel")

Files = dict[str, bytes]


@pytest.fixture
def files() -> Files:
    return sidebar.filled(sidebar.files_of(FOLDER), "https://bridge.acme.example/x", "1.2.3")


def changed(files: Files, change: Callable[[dict[str, Any]], Any], name: str) -> Files:
    data = json.loads(files[name])
    change(data)
    return files | {name: json.dumps(data).encode()}


def test_an_empty_manifest_is_refused() -> None:
    [problem] = sidebar.problems({"manifest.json": b"{}"})
    for key in ("author", "location", "version", "domainWhitelist", "parameters"):
        assert key in problem
    assert ("manifest.json: it is no JSON",) == sidebar.problems({"manifest.json": b"{"})
    assert ("manifest.json: it is no JSON",) == sidebar.problems({})


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda m: m.update(frameworkVersion="1.0"), "frameworkVersion"),
        (lambda m: m.update(domainWhitelist=["https://bridge.acme.example"]), "domainWhitelist"),
        (lambda m: m.update(domainWhitelist=[]), "domainWhitelist"),
        (lambda m: m["author"].pop("email"), "email"),
        (lambda m: m["parameters"][1].update(type="password"), "type"),
        (lambda m: m["parameters"][1].pop("secure"), "shared_secret is not secure"),
        (lambda m: m["parameters"].append({"name": "tone", "type": "text"}), "no label for tone"),
        (lambda m: m.update(surprise=1), "surprise"),
        (
            lambda m: m["location"]["support"]["ticket_sidebar"].update(url="assets/other.html"),
            "assets/other.html is not there",
        ),
    ],
)
def test_what_zendesk_would_refuse(files: Files, change: Any, says: str) -> None:
    assert () == sidebar.problems(files)
    assert says in "; ".join(sidebar.problems(changed(files, change, "manifest.json")))


def test_words_that_are_missing(files: Files) -> None:
    without = changed(files, lambda words: words["sidebar"].pop("retry"), "translations/de.json")
    assert ("translations/de.json: retry is missing",) == sidebar.problems(without)
    blanks = changed(
        files, lambda words: words["sidebar"].update(ticket="Ticket"), "translations/de.json"
    )
    assert "ticket has not the same blanks" in sidebar.problems(blanks)[0]
    nameless = changed(files, lambda words: words["app"].pop("name"), "translations/en.json")
    assert ("translations/en.json: app.name is missing",) == sidebar.problems(nameless)
    unsaid = files | {"assets/more.js": b't("never_written"); counted("sheep", 2)'}
    assert (
        "assets: never_written is said and stands in no translation",
        "assets: sheep_many is said and stands in no translation",
        "assets: sheep_one is said and stands in no translation",
    ) == sidebar.problems(unsaid)


def test_every_word_is_said_by_the_app(files: Files) -> None:
    """A sentence that nothing says any more would be translated for ever."""
    scripts = b"".join(text for name, text in files.items() if name.endswith(".js"))
    scripts = scripts.replace(files[sidebar.WORDS], b"").replace(b"`", b'"')
    said = sidebar.called(files)
    said |= {f"{part}_{act}" for part in ("act", "about") for act in _acts(files)}
    said |= {f"hold_{one}" for one in ("dm", "anyway", "approve", "withdraw")}
    said |= {f"media_{kind}" for kind in ("image", "video", "audio", "file")}
    said |= {"about_anyway", "about_approve", "goes_public", "goes_private"}
    said |= {"goes_public_to", "goes_private_to", "as_auto", "as_public", "as_private"}
    known = set(json.loads(files["translations/en.json"])["sidebar"])
    left = {key for key in known - said if f'"{key}"'.encode() not in scripts}
    assert set() == left


def _acts(files: Files) -> list[str]:
    text = files["assets/posts.js"].decode()
    known: list[str] = json.loads(text.split("const KNOWN = ")[1].split(";")[0])
    return known


def test_logos_have_the_sizes_that_are_asked_for(files: Files) -> None:
    assert (320, 320) == sidebar.size_of(files["assets/logo.png"])
    small = files | {"assets/logo.png": files["assets/logo-small.png"]}
    assert "320 by 320" in sidebar.problems(small)[0]
    assert sidebar.size_of(b"GIF89a") is None


def test_the_archive_is_for_one_bridge_and_always_the_same(files: Files) -> None:
    archive = sidebar.packed(files)
    assert archive == sidebar.packed(dict(reversed(files.items())))
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        names = opened.namelist()
        manifest = json.loads(opened.read("manifest.json"))
        words = opened.read("assets/words.js").decode()
    assert sorted(names) == names
    assert {"manifest.json", "assets/iframe.html", "translations/de.json"} <= set(names)
    assert "logo.svg" not in names
    assert ["bridge.acme.example"] == manifest["domainWhitelist"]
    assert "1.2.3" == manifest["version"]
    assert "Erneut versuchen" in words


def test_a_broken_app_is_not_packed(files: Files) -> None:
    with pytest.raises(sidebar.NotAnApp, match=r"logo\.png"):
        sidebar.packed({name: one for name, one in files.items() if name != "assets/logo.png"})
    with pytest.raises(sidebar.NotAnApp, match="no address"):
        sidebar.filled(files, "bridge.acme.example", "1.0")


def test_nothing_of_the_app_builds_markup(files: Files) -> None:
    """What customers wrote can become markup only where something parses it into the page."""
    for name, content in files.items():
        if name.endswith(".js"):
            for way in (b"innerHTML", b"outerHTML", b"insertAdjacentHTML", b"document.write"):
                assert way not in content, name
            assert b"eval(" not in content


def test_make_needs_an_address(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    script = HOME / ".ci" / "zendesk_app.py"
    spec = importlib.util.spec_from_file_location("zendesk_app", script)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert 1 == module.main(["http://bridge.acme.example"])
    assert "BRIDGE_PUBLIC_URL=https://" in capsys.readouterr().out


def test_the_script_packs(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, HOME / ".ci" / "zendesk_app.py", "https://bridge.acme.example", tmp_path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 == done.returncode, done.stdout + done.stderr
    [archive] = tmp_path.iterdir()
    assert zipfile.is_zipfile(archive)
    assert "for https://bridge.acme.example" in done.stdout
